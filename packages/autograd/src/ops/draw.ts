import {
  ArgumentError,
  type Device,
  type DType,
  DTypeError,
  dtypeInfo,
  fillNormal,
  fillNormalSerial,
  fillRandint,
  fillUniform,
  Generator,
  type HostArray,
  isContiguous,
  isFloat,
  numelOf,
  type Shape,
  state,
  storageFrom,
  type View,
} from "@kindling/storage";
import { windowOn } from "../dispatch.js";
import { Tensor, wrap } from "../tensor.js";
import { checkDType } from "./creation.js";

/*
 * How numbers are drawn: on the host, by PyTorch's CPU generator, then written to the tensor's device. The same seed and calls
 * give the same numbers as PyTorch, which fills a tensor in the order of its memory.
 */

/** Draws as many numbers as `out` holds; `whole` says that they fill a contiguous tensor, where some distributions draw in blocks. */
export type Filler = (generator: Generator, out: HostArray, whole: boolean) => void;

/** The generator that is used where none is given. */
export function defaultGenerator(): Generator {
  state.generator ??= new Generator();
  return state.generator;
}

/** The generator to draw from, of this or of another copy of the package. */
export function sourceOf(generator: Generator | null): Generator {
  if (generator === null) return defaultGenerator();
  if (typeof generator?.random32 !== "function") {
    throw new ArgumentError(`argument 'generator' must be Generator, not ${typeof generator}`, {
      argument: "generator",
    });
  }
  return generator;
}

/** Numbers in the host form of `dtype`, still on the host. */
export function drawnHost(
  fill: Filler,
  generator: Generator | null,
  length: number,
  dtype: DType,
  whole = true,
): HostArray {
  const host = new dtypeInfo[dtype].Host(length);
  fill(sourceOf(generator), host, whole);
  return host;
}

/** A new contiguous tensor of drawn numbers. */
export const drawn = (
  fill: Filler,
  generator: Generator | null,
  shape: Shape,
  dtype: DType,
  device: Device,
  whole = true,
): Tensor => wrap(storageFrom(device, dtype, drawnHost(fill, generator, numelOf(shape), dtype, whole)), shape);

/** The view with its dimensions in the order of memory, outermost first. */
export function inMemoryOrder(t: View): View {
  const order = t.shape.map((_, d) => d).sort((a, b) => t.strides[b] - t.strides[a]);
  return windowOn(
    t,
    order.map((d) => t.shape[d]),
    order.map((d) => t.strides[d]),
  );
}

/** Whether a tensor made like `t` has, as PyTorch makes it, its elements in another order in memory. */
export function permuted(t: Tensor): boolean {
  if (isContiguous(t.shape, t.strides)) return false;
  const { shape, strides } = inMemoryOrder(t);
  return isContiguous(shape, strides);
}

/** A new tensor of drawn numbers in the shape of `like`, and in its strides where it has no gaps. */
export function drawnLike(
  fill: Filler,
  generator: Generator | null,
  like: Tensor,
  dtype: DType,
  device: Device,
): Tensor {
  if (!permuted(like)) return drawn(fill, generator, like.shape, dtype, device);
  const { storage } = drawn(fill, generator, like.shape, dtype, device, false);
  return new Tensor(storage, like.shape, like.strides, 0);
}

// ---------------------------------------------------------------------------------------------- distributions

/** How many random bits a narrow float takes. */
const bitsOf = (dtype: DType): 11 | 8 | undefined => (dtype === "float16" ? 11 : dtype === "bfloat16" ? 8 : undefined);

export const uniformOf =
  (dtype: DType, from = 0, to = 1): Filler =>
  (g, out) =>
    fillUniform(g, out as Float32Array, from, to, bitsOf(dtype));

export const normalOf =
  (dtype: DType, mean = 0, std = 1): Filler =>
  (g, out, whole) =>
    (whole ? fillNormal : fillNormalSerial)(g, out as Float32Array, mean, std, bitsOf(dtype));

/** Whole numbers in [low, high). @throws ArgumentError where bounds are not whole, empty, or outside of `dtype` */
export function integersOf(dtype: DType, low: number | bigint, high: number | bigint): Filler {
  if (dtype === "bool" && (low < 0 || low > 1)) throw new ArgumentError("from is out of bounds for bool", { low });
  if (dtype === "bool" && high > 2) throw new ArgumentError("to - 1 is out of bounds for bool", { high });
  return (g, out) => fillRandint(g, out, low, high, bitsOf(dtype));
}

/** A dtype to draw in, float32 where none is given. @throws DTypeError for one that is not floating point */
export function drawingType(dtype: unknown, name: string): DType {
  const type = dtype === null ? "float32" : checkDType(dtype, name);
  if (!isFloat(type)) {
    throw new DTypeError(`"${name}" not implemented for '${dtypeInfo[type].scalarName}'`, { dtype: type });
  }
  return type;
}

/** A number given as an argument. */
export function checkNumber(value: unknown, operation: string, argument: string): number {
  if (typeof value === "number") return value;
  throw new ArgumentError(`${operation}(): argument '${argument}' must be number, not ${typeof value}`, {
    operation,
    argument,
  });
}

export function checkProbability(p: unknown, operation: string): number {
  const value = checkNumber(p, operation, "p");
  if (value >= 0 && value <= 1) return value;
  throw new ArgumentError(`${operation} expects p to be in [0, 1], but got p=${value}`, { p });
}
