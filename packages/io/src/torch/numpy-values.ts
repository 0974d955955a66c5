import { dtypeInfo, type Tensor } from "@kindling/autograd";
import { Filling } from "../elements.js";
import { type ArrayType, arrayType } from "../numpy/dtype.js";
import { inOrder, stored } from "../numpy/npy.js";
import { itemsOf } from "../pickle/known.js";
import { Buildable, Known, Unfit } from "../pickle/values.js";
import { isCount } from "./values.js";

/* Arrays and numbers of NumPy that stand in checkpoints. */

const refuse = (problem: string): never => {
  throw new Unfit(`NumPy: ${problem}`);
};

/** `numpy.dtype("f8")`, whose state tells the order of the bytes. */
class NumpyType extends Buildable {
  readonly kind: string;
  order = "<";

  constructor(kind: unknown) {
    super();
    this.kind = typeof kind === "string" ? kind : refuse("a dtype that is no text");
  }

  build(state: unknown): void {
    const [, order, subtype, names, fields] = itemsOf(state);
    if (typeof order !== "string") refuse("a dtype whose order of bytes is no text");
    if ([subtype, names, fields].some((value) => value !== null && value !== undefined))
      refuse("structured arrays are not supported");
    this.order = order as string;
  }

  get type(): ArrayType {
    return arrayType(this.order + this.kind, refuse);
  }
}

/** Whole numbers without a sign, of which there are no tensors: states of generators are such. */
type Unsigned = typeof Uint16Array | typeof Uint32Array | typeof BigUint64Array;
const unsigned: Readonly<Record<string, Unsigned | undefined>> = {
  "<u2": Uint16Array,
  "<u4": Uint32Array,
  "<u8": BigUint64Array,
};

/** An array; its state comes after it was made. */
export class NumpyArray extends Buildable {
  #type: NumpyType | null = null;
  #shape: readonly number[] = [];
  #fortran = false;
  #bytes: Uint8Array = new Uint8Array();

  build(state: unknown): void {
    const [, shape, type, fortran, bytes] = itemsOf(state);
    this.fill(bytes, type, shape, fortran === true);
  }

  fill(bytes: unknown, type: unknown, shape: unknown, fortran: boolean): this {
    const sizes = itemsOf(shape);
    if (!(type instanceof NumpyType)) return refuse("an array without a dtype");
    if (sizes.length > 64 || !sizes.every(isCount)) return refuse("an array whose shape is no tuple of whole numbers");
    if (!Object.hasOwn(unsigned, type.order + type.kind))
      type.type; // throws for what is not supported
    else if (sizes.length !== 1)
      return refuse(`an array of ${type.kind} with ${sizes.length} dimensions; of one they come as typed arrays`);
    this.#type = type;
    this.#shape = sizes;
    this.#fortran = fortran;
    this.#bytes = bytesOf(bytes);
    const width = Number(type.kind.slice(1)) || 1;
    const count = sizes.reduce((n, size) => n * size, 1);
    if (this.#bytes.length !== count * width)
      return refuse(`an array of ${type.kind} of shape (${sizes.join(", ")}) with ${this.#bytes.length} bytes`);
    return this;
  }

  /** The array as a tensor; a typed array where no tensor holds its elements. */
  value(): Tensor | Uint16Array | Uint32Array | BigUint64Array {
    if (this.#type === null) return refuse("an array without a state");
    const View = unsigned[this.#type.order + this.#type.kind];
    if (View !== undefined) return new View(new Uint8Array(this.#bytes).buffer);
    const { dtype, bigEndian } = this.#type.type;
    const filling = new Filling(dtype, stored(this.#shape, this.#fortran), bigEndian);
    filling.push(this.#bytes);
    return inOrder(filling.tensor, this.#fortran);
  }
}

/** Elements as bytes; Python 2 writes them as text, which happens to be UTF-8 now and then. */
function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  return typeof value === "string"
    ? new TextEncoder().encode(value)
    : refuse("object arrays hold Python objects, and are refused");
}

/** A number, bigint or boolean. */
function scalar([type, bytes]: readonly unknown[]): unknown {
  if (!(type instanceof NumpyType)) return refuse("a number without a dtype");
  const raw = bytesOf(bytes);
  const View = unsigned[type.order + type.kind];
  if (View !== undefined && raw.length === View.BYTES_PER_ELEMENT) {
    const [value] = new View(new Uint8Array(raw).buffer);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  const { dtype, bigEndian } = type.type;
  if (raw.length !== dtypeInfo[dtype].bytes) refuse(`a number of ${type.kind} with ${raw.length} bytes`);
  const filling = new Filling(dtype, [1], bigEndian);
  filling.push(raw);
  return filling.tensor.item();
}

const array = (): NumpyArray => new NumpyArray();
const fromBuffer = ([bytes, type, shape, order]: readonly unknown[]): NumpyArray =>
  array().fill(bytes, type, shape, order === "F");

/** NumPy 2 renamed `core`. */
const inCore = (name: string, make: (args: readonly unknown[]) => unknown): [string, unknown][] =>
  ["numpy.core", "numpy._core"].map((core) => [`${core}.${name}`, new Known(`${core}.${name}`, make)]);

export const numpy: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["numpy.ndarray", new Known("numpy.ndarray")],
  ["numpy.dtype", new Known("numpy.dtype", ([kind]) => new NumpyType(kind))],
  ...inCore("multiarray._reconstruct", array),
  ...inCore("multiarray.scalar", scalar),
  ...inCore("numeric._frombuffer", fromBuffer),
]);
