import {
  contiguousStrides,
  type DType,
  dtypeInfo,
  type HostArray,
  isFloat,
  numelOf,
  type Shape,
  type Strides,
} from "@kindling/storage";

/** How an operand lies in its storage. "mixed" gives every operand another layout. */
export type Layout = "contiguous" | "transposed" | "expanded" | "offset slice" | "mixed" | "0-dim" | "empty";

export const layouts: readonly Layout[] = [
  "contiguous",
  "transposed",
  "expanded",
  "offset slice",
  "mixed",
  "0-dim",
  "empty",
];

/** The shape that a layout is tried on, where the primitive does not ask for one of its own. */
export const shapes: Readonly<Record<Layout, Shape>> = {
  contiguous: [5, 67],
  transposed: [2, 3, 1, 2, 3],
  expanded: [2, 3, 4],
  "offset slice": [3, 4],
  mixed: [3, 2, 4],
  "0-dim": [],
  empty: [2, 0, 3],
};

/** The content of a storage, and a window on it. Two that share an `image` share the storage. */
export interface Laid {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly strides: Strides;
  readonly offset: number;
  readonly image: HostArray;
}

type Placement = { readonly strides: Strides; readonly offset: number; readonly length: number };

const dense = (shape: Shape): Placement => ({ strides: contiguousStrides(shape), offset: 0, length: numelOf(shape) });

function transposed(shape: Shape): Placement {
  const reversed = contiguousStrides([...shape].reverse());
  return { strides: [...reversed].reverse(), offset: 0, length: numelOf(shape) };
}

/** Every other dimension repeats: the even ones of the even operands, the odd ones of the odd operands. */
function expanded(shape: Shape, operand: number): Placement {
  const kept = shape.map((size, d) => ((d + operand) % 2 === 0 ? 1 : size));
  const strides = contiguousStrides(kept);
  return { strides: strides.map((s, d) => (kept[d] === shape[d] ? s : 0)), offset: 0, length: numelOf(kept) };
}

/** A box inside a larger one: a margin on every side, and in the last dimension every second element. */
function sliced(shape: Shape): Placement {
  const last = shape.length - 1;
  const around = shape.map((size, d) => (d === last ? 2 * size + 1 : size + 2));
  const strides = contiguousStrides(around);
  return {
    strides: strides.map((s, d) => (d === last ? 2 * s : s)),
    offset: strides.reduce((sum, s) => sum + s, 0),
    length: numelOf(around),
  };
}

function place(layout: Layout, operand: number | "out", shape: Shape): Placement {
  switch (layout) {
    case "contiguous":
      return dense(shape);
    case "transposed":
      return transposed(shape);
    case "expanded":
      return operand === "out" ? dense(shape) : expanded(shape, operand);
    case "offset slice":
      return sliced(shape);
    case "mixed":
      if (operand === "out") return sliced(shape);
      return operand === 0 ? transposed(shape) : operand === 1 ? expanded(shape, operand) : dense(shape);
    case "0-dim":
      return { strides: shape.map(() => 1), offset: 3, length: 5 };
    case "empty":
      if (numelOf(shape) > 0) return dense(shape);
      return { ...dense(shape), length: operand === "out" ? 3 : 0 };
    default:
      return layout satisfies never;
  }
}

/** The host array of a dtype with these values in it; integers wrap around. */
export function hostArray(dtype: DType, values: readonly (number | bigint)[]): HostArray {
  const array = new dtypeInfo[dtype].Host(values.length);
  values.forEach((value, i) => {
    array[i] = dtype === "int64" ? BigInt(value) : Number(value);
  });
  return array;
}

/** Marks elements that nobody should touch. */
const sentinel = (dtype: DType, i: number): number => (dtype === "bool" ? i % 2 : 119);

/** Something else than `value`, to see that it was written. */
export function otherThan(dtype: DType, value: number | bigint): number | bigint {
  if (dtype === "bool") return 1 - Number(value);
  const other = Number(value) === 119 ? 118 : 119;
  return dtype === "int64" ? BigInt(other) : other;
}

/** Where the elements of a view lie in its storage, in row-major order. */
export function positions(view: Pick<Laid, "shape" | "strides" | "offset">): number[] {
  let places = [view.offset];
  view.shape.forEach((size, d) => {
    places = places.flatMap((p) => Array.from({ length: size }, (_, i) => p + i * view.strides[d]));
  });
  return places;
}

/** The values of a view in row-major order. */
export function denseValues(view: Laid): HostArray {
  return hostArray(
    view.dtype,
    positions(view).map((p) => view.image[p]),
  );
}

/** Lays values, in row-major order, into a storage of sentinels; where elements coincide the last value stays. */
export function lay(
  layout: Layout,
  operand: number | "out",
  dtype: DType,
  shape: Shape,
  values?: readonly (number | bigint)[],
): Laid {
  const { strides, offset, length } = place(layout, operand, shape);
  const image = hostArray(
    dtype,
    Array.from({ length }, (_, i) => sentinel(dtype, i)),
  );
  const view = { dtype, shape, strides, offset, image };
  if (values) {
    const exact = hostArray(dtype, values);
    positions(view).forEach((p, i) => {
      image[p] = exact[i];
    });
  }
  return view;
}

/** What the values of an input are. All floats are multiples of 1/16 up to 4: exact in every dtype, and so are their sums. */
export type Recipe =
  | "any"
  | "positive"
  | "nonzero"
  /** Few different values: ties. */
  | "few"
  /** Small whole numbers from 0 on: exponents, shifts. */
  | "count"
  /** Factors whose product stays small. */
  | "factor"
  /** NaN and both infinities among finite values. */
  | "non-finite";

const FACTORS = [1, -1, 1, 2, 1, 1, -1, 0.5];

/** A hash of `i`: the values look random and never change. */
function scatterBits(i: number, operand: number): number {
  let h = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(operand + 7, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return (h ^ (h >>> 15)) >>> 0;
}

/** The `i`-th value of the recipe for one operand. */
export function valueOf(recipe: Recipe, dtype: DType, i: number, operand: number): number {
  const h = scatterBits(i, operand);
  if (dtype === "bool") return h & 1;
  const float = isFloat(dtype);
  const unsigned = dtype === "uint8";
  const any = float ? ((h % 129) - 64) / 16 : unsigned ? h % 19 : (h % 19) - 9;
  switch (recipe) {
    case "any":
      return any;
    case "positive":
      return float ? ((h % 64) + 1) / 16 : (h % 9) + 1;
    case "nonzero":
      return any === 0 ? 1 : any;
    case "few":
      return unsigned ? h % 4 : (h % 4) - 2;
    case "count":
      return h % 4;
    case "factor":
      return float ? FACTORS[i % 8] : unsigned ? (h % 3) + 1 : (h % 2) * 4 - 1;
    case "non-finite":
      return h % 5 === 0
        ? Number.NaN
        : h % 5 === 1
          ? Number.POSITIVE_INFINITY
          : h % 5 === 2
            ? Number.NEGATIVE_INFINITY
            : any;
    default:
      return recipe satisfies never;
  }
}

/** An input with the recipe's values. */
export function input(
  layout: Layout,
  operand: number,
  dtype: DType,
  recipe: Recipe = "any",
  shape = shapes[layout],
): Laid {
  const values = Array.from({ length: numelOf(shape) }, (_, i) => valueOf(recipe, dtype, i, operand));
  return lay(layout, operand, dtype, shape, values);
}

/** An output, everywhere sentinels. */
export const output = (layout: Layout, dtype: DType, shape = shapes[layout]): Laid => lay(layout, "out", dtype, shape);

/** The smallest and the largest value of an integer dtype. */
export function limits(dtype: DType): readonly [bigint, bigint] {
  const bits = BigInt(8 * dtypeInfo[dtype].bytes);
  return dtype === "uint8" ? [0n, 255n] : [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
}
