import {
  ArgumentError,
  type DType,
  DTypeError,
  dtypeInfo,
  isFloat,
  state,
  type UnaryName,
  type View,
} from "@kindling/storage";
import { bind, operator, signature, signatures } from "../args.js";
import { fastResult, fresh, rawCast, rawCopy, rawFill } from "../dispatch.js";
import type { Derivative } from "../node.js";
import { record, recording, unrecorded } from "../record.js";
import { isTensor, type Tensor } from "../tensor.js";
import { floatType, type Scalar } from "./promotion.js";

/*
 * How pointwise operators are made: from one row of a table (kernel, derivative, dtypes) come the function, its method and
 * its in-place form. Where the contract has no kernel of that name, the row holds operators that compute the same. Here are those
 * of one argument; those of two are in `pair-table.ts`.
 */

/** A tensor, or a number that counts as a 0-dimensional one. */
export type TensorOrScalar = Tensor | Scalar;

export const isScalar = (value: unknown): value is Scalar =>
  typeof value === "number" || typeof value === "boolean" || typeof value === "bigint";

export function expectTensor(value: unknown, operation: string, argument = "self"): asserts value is Tensor {
  if (!isTensor(value)) {
    const got = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
    throw new ArgumentError(`${operation}(): argument '${argument}' must be Tensor, not ${got}`, {
      argument,
      operation,
    });
  }
}

/** What the derivative of a function `y = f(x)` reads. */
type Saves = "x" | "y" | "none";

/**
 * What stands in the place of a kernel where there is none: operators. The operand comes in the dtype of the computation, the
 * result is fresh and of the same dtype; nothing in it is recorded.
 */
// biome-ignore lint/suspicious/noExplicitAny: settings are typed where the row is written
type Composite = (x: Tensor, ...settings: any[]) => Tensor;

declare module "@kindling/storage" {
  interface FastPaths {
    /** `out` = the function `name` of `a` with these settings (`gelu`, `silu`); `out` is contiguous. */
    activation(out: View, a: View, name: string, settings: readonly unknown[]): void;
    /** `out` = the gradient of the argument from that of the result, `grad`; `saved` is what the derivative reads. */
    activationBackward(out: View, grad: View, saved: View, name: string, settings: readonly unknown[]): void;
  }
}

/** The gradient by the fast path `activationBackward`, where the device has it and nothing is recorded. */
export const fastSlope = (
  name: string,
  g: Tensor,
  saved: Tensor,
  settings: readonly unknown[] = NONE,
): Tensor | null =>
  state.gradEnabled || g.storage.dtype !== saved.storage.dtype || g.numel() === 0
    ? null
    : fastResult("activationBackward", saved, g, saved, name, settings);

/** A row of the table of functions of one argument. */
export interface UnaryRow extends Derivative {
  readonly operation: string;
  /** The signature, without which there are no settings. */
  readonly text: string;
  readonly kernel: UnaryName | Composite;
  readonly saves: Saves;
  /** Whether integers become float32 first. */
  readonly floating: boolean;
  /** Refuses dtypes that the kernel is not for. */
  readonly check?: (dtype: DType) => void;
  /** Whether bool stays as it is. */
  readonly keepsBool?: boolean;
  /** Whether devices are asked for the fast paths `activation` and `activationBackward` under the operation's name. */
  readonly fast?: boolean;
}

/** A function of one argument and perhaps settings, with the row that defines it. */
export type Unary<A extends unknown[] = []> = ((self: Tensor, ...settings: A) => Tensor) & { readonly row: UnaryRow };

/** `add` → `AddBackward0`, and as PyTorch capitalises it, `log1p` → `Log1PBackward0`. */
export const nodeName = (operation: string, overload = 0): string =>
  `${operation[0].toUpperCase()}${operation.slice(1)}Backward${overload}`.replace(/\d[a-z]/, (s) => s.toUpperCase());

type UnaryOptions = Partial<Pick<UnaryRow, "name" | "floating" | "check" | "keepsBool" | "fast">>;

/**
 * Defines `y = f(x)` by its kernel and its derivative: `derive(g, v)` is the gradient of `x` from that of `y`,
 * `v` being what `saves` names.
 */
export function unary(
  operation: string,
  kernel: UnaryRow["kernel"],
  saves: Saves,
  derive: (g: Tensor, v: Tensor) => Tensor,
  options: UnaryOptions = {},
): Unary {
  const text = `${operation}(self)`;
  const sig = signature(text);
  const row: UnaryRow = {
    name: nodeName(operation),
    operation,
    text,
    kernel,
    saves,
    floating: true,
    ...options,
    backward: (node, g) => derive(g, saves === "none" ? g : node.saved(0)),
  };
  const call = (self: Tensor, extra?: unknown): Tensor =>
    applyUnary(row, extra === undefined ? self : (bind(sig, [self, extra])[0] as Tensor), NONE);
  signatures.set(call, text);
  return Object.assign(call as (self: Tensor) => Tensor, { row });
}

/** The same for functions with settings, by their signature: kernel and derivative get them as further arguments. */
export function unaryWith<A extends unknown[]>(
  text: string,
  kernel: Composite,
  saves: Saves,
  // biome-ignore lint/suspicious/noExplicitAny: settings are typed where the row is written
  derive: (g: Tensor, v: Tensor, ...settings: any[]) => Tensor,
  options: UnaryOptions = {},
): Unary<A> {
  const operation = signature(text).name;
  const row: UnaryRow = {
    name: nodeName(operation),
    operation,
    text,
    kernel,
    saves,
    floating: true,
    ...options,
    backward(node, g) {
      const settings = (node.context ?? NONE) as unknown[];
      const v = saves === "none" ? g : node.saved(0);
      return (options.fast && fastSlope(operation, g, v, settings)) || derive(g, v, ...settings);
    },
  };
  const call = operator<(self: Tensor, ...settings: A) => Tensor>(text, (self: Tensor, ...settings) =>
    applyUnary(row, self, settings),
  );
  return Object.assign(call, { row });
}
const NONE: readonly unknown[] = [];

function applyUnary(row: UnaryRow, x: Tensor, settings: readonly unknown[]): Tensor {
  expectTensor(x, row.operation);
  const { kernel } = row;
  const dtype = row.floating ? floatType(x.storage.dtype) : x.storage.dtype;
  row.check?.(dtype);
  if (row.keepsBool && dtype === "bool") return rawCopy(x);
  const a = rawCast(x, dtype, row.operation);
  let out: Tensor;
  if (typeof kernel === "string") {
    const { device } = x.storage;
    out = fresh(device, dtype, x.shape, row.operation);
    device.kernels.unary[dtype](kernel, out, a);
  } else {
    const fast = row.fast && a.numel() > 0 ? fastResult("activation", a, a, row.operation, settings) : null;
    out = fast ?? unrecorded(kernel, a, ...settings);
  }
  if (recording(x)) {
    const node = record(row, out, [x]);
    if (settings !== NONE) node.context = settings;
    if (row.saves !== "none") node.save(row.saves === "x" ? x : out);
  }
  return out;
}

type OfOne = (self: Tensor) => Tensor;
/** A function of one argument that is made of others, and inherits their derivatives. */
export const composite = (name: string, body: OfOne): OfOne =>
  operator<OfOne>(`${name}(self)`, (x: Tensor) => {
    expectTensor(x, name);
    return body(x);
  });

/** `f`, computed in float64 where the device has it, and rounded once. */
export const precise =
  (f: Composite): Composite =>
  (x, ...settings) => {
    const { device, dtype } = x.storage;
    return device.dtypes.has("float64") ? rawCast(f(rawCast(x, "float64"), ...settings), dtype) : f(x, ...settings);
  };

/** The polynomial with these coefficients, of the highest power first, outside of the graph. */
export function polynomial(x: Tensor, coefficients: readonly number[]): Tensor {
  const { device, dtype } = x.storage;
  const kernel = device.kernels.binary[dtype];
  const out = fresh(device, dtype, x.shape, "polynomial");
  rawFill(out, coefficients[0]);
  for (const c of coefficients.slice(1)) {
    kernel("mul", out, out, x);
    kernel("add", out, out, c);
  }
  return out;
}

/** The error of an operator that is not for a dtype. */
export const unsupported = (operation: string, dtype: DType): DTypeError =>
  new DTypeError(`"${operation}" not implemented for '${dtypeInfo[dtype].scalarName}'`, { operation, dtype });

/** Refuses bool for the reason given. */
export const refuseBool =
  (operation: string, text: string) =>
  (dtype: DType): DType => {
    if (dtype === "bool") throw new DTypeError(text, { operation, dtype });
    return dtype;
  };

/** Refuses all but floating point dtypes. */
export function requireFloats(dtype: DType, operation: string): void {
  if (!isFloat(dtype)) throw unsupported(operation, dtype);
}

/** Refuses floating point dtypes. */
export function requireIntegers(dtype: DType, operation: string): DType {
  if (isFloat(dtype)) throw unsupported(operation, dtype);
  return dtype;
}
