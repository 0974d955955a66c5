import { ArgumentError, DTypeError, IndexError, type Shape, ShapeError, wrapDim } from "@kindling/storage";
import { operator } from "../args.js";
import { isTensor, type Tensor } from "../tensor.js";
import { logicalXor } from "./compare.js";
import { zeros } from "./creation.js";
import { cumsum } from "./cumulative.js";
import { type Dims, dimsOf } from "./dims.js";
import { narrow, select } from "./parts.js";
import { add, div, mul, sub } from "./pointwise.js";
import { sum } from "./reduction.js";
import { cat, clone } from "./shape.js";
import { expectTensor, type TensorOrScalar } from "./table.js";
import { reshape } from "./views.js";

/*
 * Differences of neighbours: discrete derivatives, and integrals by the trapezoidal rule.
 */

/** All but the last elements along `dim`, and all but the first. */
const neighbours = (t: Tensor, dim: number): [left: Tensor, right: Tensor] => {
  const n = Math.max(t.shape[dim] - 1, 0);
  return [narrow(t, dim, 0, n), narrow(t, dim, t.shape[dim] - n, n)];
};

export interface DiffOptions {
  n?: number;
  dim?: number;
  prepend?: Tensor | null;
  append?: Tensor | null;
}

/** The `n`-th differences of neighbours along `dim`; `prepend` and `append` are joined to the ends first. Of bool: whether they differ. */
export const diff = operator<
  (
    self: Tensor,
    n?: number | DiffOptions,
    dim?: number | DiffOptions,
    prepend?: Tensor | null | DiffOptions,
    append?: Tensor | null | DiffOptions,
  ) => Tensor
>(
  "diff(self, n=1, dim=-1, prepend=null, append=null)",
  (self: Tensor, n: number, dim: number, prepend: Tensor | null, append: Tensor | null) => {
    expectTensor(self, "diff");
    if (self.ndim === 0) throw new ShapeError("diff expects input to be at least one-dimensional");
    const d = wrapDim(dim, self.ndim);
    if (!Number.isInteger(n) || n < 0) throw new ArgumentError(`order must be non-negative but got ${n}`, { n });
    for (const end of [prepend, append]) if (end !== null) checkEnd(self, end, d);
    if (n === 0) return clone(self);
    const ends = [prepend, self, append].filter((t) => t !== null);
    let out = ends.length > 1 ? cat(ends, d) : self;
    for (let i = Math.min(n, out.shape[d]); i > 0; i--) {
      const [left, right] = neighbours(out, d);
      out = out.dtype === "bool" ? logicalXor(right, left) : sub(right, left);
    }
    return out === self ? clone(self) : out;
  },
);

function checkEnd(self: Tensor, end: Tensor, dim: number): void {
  if (end.ndim !== self.ndim) {
    throw new ShapeError("diff expects prepend or append to be the same dimension as input", { shape: end.shape });
  }
  const bad = self.shape.findIndex((n, d) => d !== dim && n !== end.shape[d]);
  if (bad >= 0) {
    throw new ShapeError(
      `diff expects the shape of tensor to prepend or append to match that of input except along the differencing dimension; input.size(${bad}) = ${self.shape[bad]}, but got tensor.size(${bad}) = ${end.shape[bad]}`,
      { shape: end.shape },
    );
  }
}

// ------------------------------------------------------------------------------------------------------ gradient

type Spacing = number | readonly number[] | readonly Tensor[] | null;
type GradientOptions = { spacing?: Spacing; dim?: Dims; edgeOrder?: 1 | 2 };

/**
 * The derivative of a function given by its values on a grid, for each of `dim` (default: all dimensions) a tensor in the shape of `self`: second-order accurate
 * central differences inside, differences of order `edgeOrder` at the ends. `spacing` is the distance of grid points: one number, a number for each dimension,
 * or for each a vector of coordinates.
 */
export const gradient = operator<(self: Tensor, options?: GradientOptions) => Tensor[]>(
  "gradient(self, *, spacing=null, dim=null, edgeOrder=1)",
  (self: Tensor, spacing: Spacing, dim: Dims, edgeOrder: number) => {
    expectTensor(self, "gradient");
    if (self.dtype === "uint8") throw new DTypeError("gradient does not support uint8 input.");
    if (edgeOrder !== 1 && edgeOrder !== 2) {
      throw new ArgumentError("gradient only supports edgeOrder=1 and edgeOrder=2.", { edgeOrder });
    }
    dimsOf(dim, self.ndim); // none twice
    const dims =
      dim === null ? self.shape.map((_, d) => d) : ([dim].flat() as number[]).map((d) => wrapDim(d, self.ndim));
    const steps = Array.isArray(spacing) ? (spacing as readonly (number | Tensor)[]) : dims.map(() => spacing ?? 1);
    if (steps.length !== dims.length) {
      throw new ArgumentError(
        dim === null
          ? `gradient expected spacing to be unspecified, a scalar, or a list of length equal to 'self.dim() = ${self.ndim}', since dim argument was not given, but got a list of length ${steps.length}`
          : `gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to have the same length, but got a spacing argument of length ${steps.length} and a dim argument of length ${dims.length}.`,
        { spacing: steps.length, dims: dims.length },
      );
    }
    for (const d of dims) {
      if (self.shape[d] < edgeOrder + 1) {
        throw new ShapeError("gradient expected each dimension size to be at least edgeOrder+1", { shape: self.shape });
      }
    }
    return dims.map((d, i) => slope(self, d, steps[i] as number | Tensor, edgeOrder));
  },
);

/** The derivative along `d`: in each place a parabola through three points. */
function slope(f: Tensor, d: number, step: number | Tensor, edgeOrder: number): Tensor {
  const n = f.shape[d];
  const at = (start: number, length: number): Tensor => narrow(f, d, start, length);
  const inner = Math.max(n - 2, 0);
  let distance: (start: number, length: number) => TensorOrScalar = () => step as number;
  if (isTensor(step)) {
    if (step.ndim !== 1) {
      throw new ShapeError(
        `gradient expected each element of spacing to have one dimension, but got an element with ${step.ndim} dimensions!`,
      );
    }
    const gaps = diff(step);
    distance = (start, length) => along(narrow(gaps, 0, start, length), f.ndim, d);
  }
  /** Weighs values at three points by the distances between them. */
  const weigh = (x: Tensor, y: Tensor, z: Tensor, a: TensorOrScalar, b: TensorOrScalar, c: TensorOrScalar): Tensor =>
    add(add(mul(x, a), mul(y, b)), mul(z, c));
  const three = (start: number, length: number, offset: -1 | 0 | 1): Tensor => {
    const [x, y, z] = [at(start, length), at(start + 1, length), at(start + 2, length)];
    const [p, q] = [distance(start, length), distance(start + 1, length)];
    if (!isTensor(p) || !isTensor(q)) {
      const h = p as number;
      if (offset === 0) return div(sub(z, x), 2 * h);
      const [a, b, c] = offset < 0 ? [-1.5, 2, -0.5] : [0.5, -2, 1.5];
      return div(weigh(x, y, z, a, b, c), h);
    }
    const both = add(p, q);
    if (offset === 0) {
      return weigh(x, y, z, div(q.neg(), mul(p, both)), div(sub(q, p), mul(p, q)), div(p, mul(q, both)));
    }
    return offset < 0
      ? weigh(x, y, z, div(add(p, both).neg(), mul(p, both)), div(both, mul(p, q)), div(p.neg(), mul(q, both)))
      : weigh(x, y, z, div(q, mul(p, both)), div(both.neg(), mul(p, q)), div(add(q, both), mul(q, both)));
  };
  const edge = (start: number): Tensor => div(sub(at(start + 1, 1), at(start, 1)), distance(start, 1));
  const first = edgeOrder === 1 ? edge(0) : three(0, 1, -1);
  const last = edgeOrder === 1 ? edge(n - 2) : three(n - 3, 1, 1);
  return inner > 0 ? cat([first, three(0, inner, 0), last], d) : cat([first, last], d);
}

/** A vector laid along dimension `d` of `ndim`. */
const along = (v: Tensor, ndim: number, d: number): Tensor =>
  reshape(
    v,
    Array.from({ length: ndim }, (_, i) => (i === d ? -1 : 1)),
  );

// ----------------------------------------------------------------------------------------------------- integrals

type IntegralOptions = { x?: Tensor | null; dx?: number; dim?: number };
type Integral = (y: Tensor, x?: Tensor | null | IntegralOptions, options?: IntegralOptions) => Tensor;

/** The distances of sample points `x`, in the shape of the rank of `y`. */
function distances(name: string, y: Tensor, x: Tensor, d: number): Tensor {
  if (x.dtype === "bool") {
    throw new DTypeError(`${name}: received a bool input for \`x\`, but bool is not supported`);
  }
  let points = x;
  if (x.ndim === 1 && y.ndim !== 1) {
    if (x.shape[0] !== y.shape[d]) {
      throw new ShapeError(`${name}: There must be one \`x\` value for each sample point`, { x: x.shape, y: y.shape });
    }
    points = along(x, y.ndim, d);
  } else if (x.ndim < y.ndim) points = reshape(x, [...new Array<number>(y.ndim - x.ndim).fill(1), ...x.shape]);
  const [left, right] = neighbours(points, d);
  return sub(right, left);
}

const without = (shape: Shape, d: number): number[] => shape.filter((_, i) => i !== d);

function integral(name: string, body: (y: Tensor, dx: number | Tensor, d: number) => Tensor): Integral {
  return operator<Integral>(
    `${name}(y, x=null, *, dx=null, dim=-1)`,
    (y: Tensor, x: Tensor | null, dx: number | null, dim: number) => {
      expectTensor(y, name, "y");
      if (x !== null) expectTensor(x, name, "x");
      if (x !== null && dx !== null) throw new ArgumentError(`${name}(): x and dx exclude each other`);
      if (y.ndim === 0) throw new IndexError(`Dimension specified as ${dim} but tensor has no dimensions`);
      const d = wrapDim(dim, y.ndim);
      if (y.shape[d] === 0 && name !== "cumulativeTrapezoid") {
        return zeros(without(y.shape, d), { dtype: y.dtype, device: y.device });
      }
      if (y.dtype === "bool") {
        throw new DTypeError(`${name}: received a bool input for \`y\`, but bool is not supported`);
      }
      return body(y, x === null ? (dx ?? 1) : distances(name, y, x, d), d);
    },
  );
}

const trapezoids = (name: string): Integral =>
  integral(name, (y, dx, d) => {
    if (isTensor(dx)) {
      const [left, right] = neighbours(y, d);
      return div(sum(mul(add(left, right), dx), d), 2);
    }
    return mul(sub(sum(y, d), mul(add(select(y, d, 0), select(y, d, -1)), 0.5)), dx);
  });

/** The integral of samples `y` along `dim` by the trapezoidal rule; the points are `x` (a vector, or broadcast with `y`), or `dx` apart. */
export const trapezoid = trapezoids("trapezoid");
/** The integral by the trapezoidal rule: `trapezoid` by another name. */
export const trapz = trapezoids("trapz");

/** The integrals from the first sample to each later one; the arguments are those of `trapezoid`. */
export const cumulativeTrapezoid = integral("cumulativeTrapezoid", (y, dx, d) => {
  const [left, right] = neighbours(y, d);
  const sides = add(left, right);
  return isTensor(dx) ? div(cumsum(mul(sides, dx), d), 2) : cumsum(mul(sides, dx / 2), d);
});
