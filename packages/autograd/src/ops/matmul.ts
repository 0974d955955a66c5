import {
  broadcastShapes,
  DTypeError,
  dtypeInfo,
  formatShape,
  numelOf,
  type Shape,
  ShapeError,
  sameShape,
  type View,
  wrapDim,
} from "@kindling/storage";
import { operator } from "../args.js";
import { commonDevice, expanded, fresh, rawContiguous, windowOn } from "../dispatch.js";
import type { Derivative, Grad, Node } from "../node.js";
import { postpone } from "../pending.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { gramGradients } from "./gram.js";
import { add, mul } from "./pointwise.js";
import { sum } from "./reduction.js";
import { expectTensor, unsupported } from "./table.js";
import { expand, permute, reshape, t, transpose, unsqueeze } from "./views.js";

/*
 * Matrix products. All go through one node, the batched product of (…, M, K) and (…, K, N).
 */

declare module "@kindling/storage" {
  interface FastPaths {
    /** `out (B, M, N) = a (B, M, K) · b (B, K, N) + bias (N)`, which is added to every row. */
    matmulBias(out: View, a: View, b: View, bias: View): void;
  }
}

function sameDType(operation: string, a: Tensor, b: Tensor): void {
  expectTensor(a, operation);
  expectTensor(b, operation, "other");
  if (a.dtype === "bool" && b.dtype === "bool") throw unsupported(operation, "bool");
  if (a.dtype !== b.dtype) {
    const [first, second] = [dtypeInfo[a.dtype].scalarName, dtypeInfo[b.dtype].scalarName];
    throw new DTypeError(
      operation === "dot"
        ? `dot : expected both vectors to have same dtype, but found ${first} and ${second}`
        : `expected m1 and m2 to have the same dtype, but got: ${first} != ${second}`,
      { operation, a: a.dtype, b: b.dtype },
    );
  }
}

/** `leftᵀ · right`, the gradient of input `i`, unless the pass takes it upon itself. */
export const sumOfRows = (node: Node, i: number, left: Tensor, right: Tensor): Grad =>
  postpone(node, i, left, right) ? null : product(transpose(left, 0, 1), right);

const MM_2D: Derivative = {
  name: "MmBackward0",
  backward: (node, g) =>
    gramGradients(node, g, product) ?? [
      node.needs(0) ? product(g, transpose(node.saved(1), 0, 1)) : null,
      node.needs(1) ? sumOfRows(node, 1, node.saved(0), g) : null,
    ],
};
const MM_BATCHED: Derivative = {
  name: "BmmBackward0",
  backward: (node, g) => [
    node.needs(0) ? product(g, transpose(node.saved(1), -2, -1)) : null,
    node.needs(1) ? product(transpose(node.saved(0), -2, -1), g) : null,
  ],
};

/** `(…, M, K) · (…, K, N)` with broadcast batch dimensions; both at least 2-dimensional and of fitting inner size. */
export function product(a: Tensor, b: Tensor): Tensor {
  const device = commonDevice("matmul", [a, b]);
  const { dtype } = a.storage;
  const [m, k] = a.shape.slice(-2);
  const n = b.shape[b.ndim - 1];
  const flat = a.ndim === 2 && b.ndim === 2;
  const batch = flat ? [] : broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const out = fresh(device, dtype, [...batch, m, n], "matmul");
  if (numelOf(out.shape) > 0 && !bySlices(out, a, b)) {
    const count = numelOf(batch);
    device.kernels.matmul[dtype](
      windowOn(out, [count, m, n], [m * n, n, 1]),
      asBatch(a, [...batch, m, k], count),
      asBatch(b, [...batch, k, n], count),
      false,
    );
  }
  if (recording(a, b)) {
    const node = record(flat ? MM_2D : MM_BATCHED, out, [a, b]);
    node.save(node.inputs[1] === null ? null : a, node.inputs[0] === null ? null : b);
  }
  return out;
}

/** So many batches are computed one by one rather than copied. */
const FEW = 32;

/**
 * The product over two batch dimensions that have no common stride in an operand, as those of samples and heads in attention: a batched
 * product for each index of the shorter. `false` where there is nothing of the kind.
 */
function bySlices(out: Tensor, a: Tensor, b: Tensor): boolean {
  if (out.ndim !== 4 || a.ndim !== 4 || b.ndim !== 4) return false;
  const [samples, heads, m, n] = out.shape;
  const whole = [a, b].every((x) => mergeable(x.shape.slice(0, 2), x.strides.slice(0, 2)) !== null);
  const along = samples < heads ? 0 : 1;
  const other = 1 - along;
  if (whole || out.shape[along] > FEW || !sameShape(a.shape.slice(0, 2), b.shape.slice(0, 2))) return false;
  const slice = (x: Tensor, i: number, rows: number, columns: number): View =>
    windowOn(
      x,
      [x.shape[other], rows, columns],
      [x.strides[other], x.strides[2], x.strides[3]],
      x.offset + i * x.strides[along],
    );
  const { device, dtype } = out.storage;
  const k = a.shape[3];
  for (let i = 0; i < out.shape[along]; i++) {
    device.kernels.matmul[dtype](slice(out, i, m, n), slice(a, i, m, k), slice(b, i, k, n), false);
  }
  return true;
}

/** A (broadcast) operand as one batch dimension and a matrix; copied where several batch dimensions have no common stride. */
function asBatch(x: Tensor, shape: Shape, count: number) {
  const [rows, columns] = shape.slice(-2);
  const matrix = x.strides.slice(-2);
  if (x.ndim === 2) return windowOn(x, [count, rows, columns], [0, ...matrix]);
  if (shape.length === 3 && x.shape[0] === shape[0]) return x;
  const wide = expanded(x, shape);
  if (shape.length === 3) return wide;
  const merged = mergeable(wide.shape.slice(0, -2), wide.strides.slice(0, -2));
  if (merged !== null) return windowOn(wide, [count, rows, columns], [merged, ...wide.strides.slice(-2)]);
  const copy = rawContiguous(expand(x.detach(), shape));
  return windowOn(copy, [count, rows, columns], [rows * columns, columns, 1]);
}

/** The stride under which several dimensions are one, or `null`. */
function mergeable(shape: Shape, strides: readonly number[]): number | null {
  let step: number | null = null;
  let size = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] === 1) continue;
    if (step === null) step = strides[i];
    else if (strides[i] !== step * size) return null;
    size *= shape[i];
  }
  return step ?? 0;
}

const sizes = (x: Tensor): string => x.shape.join("x");

function requireFit(a: Tensor, b: Tensor): void {
  if (a.shape[a.ndim - 1] !== b.shape[b.ndim - 2]) {
    const view = (x: Tensor): string => `${numelOf(x.shape.slice(0, -1))}x${x.shape[x.ndim - 1]}`;
    throw new ShapeError(
      `mat1 and mat2 shapes cannot be multiplied (${a.ndim === 2 ? sizes(a) : view(a)} and ${b.ndim === 2 ? sizes(b) : view(b)})`,
      { mat1: a.shape, mat2: b.shape },
    );
  }
}

type Product = (self: Tensor, other: Tensor) => Tensor;

/** Product of two matrices: (M, K) · (K, N). */
export const mm = operator<Product>("mm(self, mat2)", (self: Tensor, mat2: Tensor) => {
  requireMatrices(self, mat2);
  return product(self, mat2);
});

export function requireMatrices(self: Tensor, mat2: Tensor): void {
  sameDType("mm", self, mat2);
  if (self.ndim !== 2) throw new ShapeError("self must be a matrix", { shape: self.shape });
  if (mat2.ndim !== 2) throw new ShapeError(`mat2 must be a matrix, got ${mat2.ndim}-D tensor`, { shape: mat2.shape });
  requireFit(self, mat2);
}

/** Batched product: (B, M, K) · (B, K, N). */
export const bmm = operator<Product>("bmm(self, mat2)", (self: Tensor, mat2: Tensor) => {
  sameDType("bmm", self, mat2);
  if (self.ndim !== 3) throw new ShapeError("batch1 must be a 3D tensor", { shape: self.shape });
  if (mat2.ndim !== 3) throw new ShapeError("batch2 must be a 3D tensor", { shape: mat2.shape });
  if (self.shape[0] !== mat2.shape[0] || self.shape[2] !== mat2.shape[1]) {
    throw new ShapeError(
      `Expected size for first two dimensions of batch2 tensor to be: [${self.shape[0]}, ${self.shape[2]}] but got: [${mat2.shape[0]}, ${mat2.shape[1]}].`,
      { batch1: self.shape, batch2: mat2.shape },
    );
  }
  return product(self, mat2);
});

/** Matrix times vector: (M, K) · (K). */
export const mv = operator<Product>("mv(self, vec)", (self: Tensor, vec: Tensor) => {
  sameDType("mv", self, vec);
  if (self.ndim !== 2 || vec.ndim !== 1) {
    throw new ShapeError(`vector + matrix @ vector expected, got 1, ${self.ndim}, ${vec.ndim}`, {
      self: self.shape,
      vec: vec.shape,
    });
  }
  if (self.shape[1] !== vec.shape[0]) {
    throw new ShapeError(`size mismatch, got input (${self.shape[0]}), mat (${sizes(self)}), vec (${vec.shape[0]})`, {
      self: self.shape,
      vec: vec.shape,
    });
  }
  return reshape(product(self, reshape(vec, [vec.shape[0], 1])), [self.shape[0]]);
});

/** Inner product of two vectors. */
export const dot = operator<Product>("dot(self, other)", (self: Tensor, other: Tensor) => {
  sameDType("dot", self, other);
  if (self.ndim !== 1 || other.ndim !== 1) {
    throw new ShapeError(`1D tensors expected, but got ${self.ndim}D and ${other.ndim}D tensors`, {
      self: self.shape,
      other: other.shape,
    });
  }
  if (self.shape[0] !== other.shape[0]) {
    throw new ShapeError(
      `inconsistent tensor size, expected tensor [${self.shape[0]}] and src [${other.shape[0]}] to have the same number of elements, but got ${self.shape[0]} and ${other.shape[0]} elements respectively`,
      { self: self.shape, other: other.shape },
    );
  }
  return sum(mul(self, other), { dtype: self.dtype });
});

/** All products of the elements of two vectors. */
export const outer = operator<Product>("outer(self, vec2)", (self: Tensor, vec2: Tensor) => {
  expectTensor(self, "outer");
  expectTensor(vec2, "outer", "vec2");
  for (const [name, x] of Object.entries({ self, vec2 })) {
    if (x.ndim !== 1) {
      throw new ShapeError(`outer: Expected 1-D argument ${name}, but got ${x.ndim}-D`, { shape: x.shape });
    }
  }
  return mul(unsqueeze(self, 1), vec2);
});

/**
 * Matrix product with PyTorch's rules: vectors are rows on the left and columns on the right, leading dimensions broadcast.
 * @throws ShapeError "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)".
 */
export const matmul = operator<Product>("matmul(self, other)", (self: Tensor, other: Tensor) => {
  sameDType("matmul", self, other);
  if (self.ndim === 0 || other.ndim === 0) {
    throw new ShapeError(
      `both arguments to matmul need to be at least 1D, but they are ${self.ndim}D and ${other.ndim}D`,
      { self: self.shape, other: other.shape },
    );
  }
  if (self.ndim === 2 && other.ndim === 2) {
    requireFit(self, other);
    return product(self, other);
  }
  if (self.ndim === 1 && other.ndim === 1) return dot(self, other);
  if (self.ndim === 2 && other.ndim === 1) return mv(self, other);
  const a = self.ndim === 1 ? unsqueeze(self, 0) : self;
  const b = other.ndim === 1 ? unsqueeze(other, 1) : other;
  requireFit(a, b);
  // one matrix on the right: all leading dimensions of the left are rows
  const folded = b.ndim === 2 && a.ndim > 2;
  const out = folded
    ? reshape(product(reshape(a, [numelOf(a.shape.slice(0, -1)), a.shape[a.ndim - 1]]), b), [
        ...a.shape.slice(0, -1),
        b.shape[1],
      ])
    : product(a, b);
  const shape = [...out.shape];
  if (self.ndim === 1) shape.splice(-2, 1);
  if (other.ndim === 1) shape.splice(-1, 1);
  return shape.length === out.ndim ? out : reshape(out, shape);
});

/** Inner products of the last dimensions: (…, K) and (…, K) give (…, …); a scalar multiplies. */
export const inner = operator<Product>("inner(self, other)", (self: Tensor, other: Tensor) => {
  sameDType("inner", self, other);
  if (self.ndim === 0 || other.ndim === 0) return mul(self, other);
  if (self.shape[self.ndim - 1] !== other.shape[other.ndim - 1]) {
    throw new ShapeError(
      `inner() the last dimension must match on both input tensors but got shapes ${formatShape(self.shape)} and ${formatShape(other.shape)}`,
      { self: self.shape, other: other.shape },
    );
  }
  return tensordot(self, other, { dims: [[-1], [-1]] });
});
/** Inner product of two vectors. */
export const vdot = operator<Product>("vdot(self, other)", (self: Tensor, other: Tensor) => dot(self, other));

type Dims = number | readonly (readonly number[])[];
/**
 * Sums of products over dimensions of both: over the last `dims` of `self` and the first of `other`, or over two lists of
 * dimensions that belong together. The result has the other dimensions of `self`, then those of `other`.
 */
export const tensordot = operator<(self: Tensor, other: Tensor, dims?: Dims | { dims?: Dims }) => Tensor>(
  "tensordot(self, other, dims=2)",
  (self: Tensor, other: Tensor, dims: Dims) => {
    sameDType("tensordot", self, other);
    const range = (n: number, from = 0): number[] => Array.from({ length: n }, (_, i) => from + i);
    const [a, b] = typeof dims === "number" ? [range(dims, self.ndim - dims), range(dims)] : dims;
    if (a.length !== b.length) throw new ShapeError("both dimension lists should have same length", { dims });
    const da = a.map((d) => wrapDim(d, self.ndim));
    const db = b.map((d) => wrapDim(d, other.ndim));
    da.forEach((d, i) => {
      if (self.shape[d] !== other.shape[db[i]]) {
        throw new ShapeError(
          `contracted dimensions need to match, but first has size ${self.shape[d]} in dim ${d} and second has size ${other.shape[db[i]]} in dim ${db[i]}`,
        );
      }
    });
    const fa = range(self.ndim).filter((d) => !da.includes(d));
    const fb = range(other.ndim).filter((d) => !db.includes(d));
    const size = (x: Tensor, ds: readonly number[]): number[] => ds.map((d) => x.shape[d]);
    const count = numelOf(size(self, da));
    const left = reshape(permute(self, [...fa, ...da]), [numelOf(size(self, fa)), count]);
    const right = reshape(permute(other, [...db, ...fb]), [count, numelOf(size(other, fb))]);
    return reshape(mm(left, right), [...size(self, fa), ...size(other, fb)]);
  },
);

const LINEAR: Derivative = {
  name: "AddmmBackward0",
  backward: (node, g) => [
    node.needs(0) ? product(g, node.saved(1)) : null,
    node.needs(1) ? sumOfRows(node, 1, g, node.saved(0)) : null,
    g,
  ],
};

/**
 * `input · weightᵀ + bias`: input (…, in), weight (out, in), bias (out) or `null`. The result is (…, out).
 */
export const linear = operator<
  (input: Tensor, weight: Tensor, bias?: Tensor | null | { bias?: Tensor | null }) => Tensor
>("linear(input, weight, bias=null)", (input: Tensor, weight: Tensor, bias: Tensor | null) => {
  sameDType("linear", input, weight);
  if (bias === null) return matmul(input, weight.ndim === 1 ? weight : t(weight));
  if (input.ndim > 2 && weight.ndim === 2 && input.shape[input.ndim - 1] === weight.shape[1]) {
    // all leading dimensions are rows
    const rows = reshape(input, [numelOf(input.shape.slice(0, -1)), weight.shape[1]]);
    return reshape(linear(rows, weight, bias), [...input.shape.slice(0, -1), weight.shape[0]]);
  }
  if (
    input.ndim !== 2 ||
    weight.ndim !== 2 ||
    bias.ndim !== 1 ||
    bias.dtype !== input.dtype ||
    bias.shape[0] !== weight.shape[0]
  ) {
    return add(matmul(input, weight.ndim === 1 ? weight : t(weight)), bias);
  }
  const device = commonDevice("linear", [input, weight, bias]);
  const { dtype } = input.storage;
  const [rows, inner] = input.shape;
  const columns = weight.shape[0];
  if (inner !== weight.shape[1]) {
    throw new ShapeError(
      `mat1 and mat2 shapes cannot be multiplied (${sizes(input)} and ${weight.shape[1]}x${columns})`,
      {
        mat1: input.shape,
        mat2: [weight.shape[1], columns],
      },
    );
  }
  const out = fresh(device, dtype, [rows, columns], "linear");
  if (rows > 0 && columns > 0) {
    const result = windowOn(out, [1, rows, columns], [0, columns, 1]);
    const left = windowOn(input, [1, rows, inner], [0, ...input.strides]);
    const turned = windowOn(weight, [1, inner, columns], [0, weight.strides[1], weight.strides[0]]);
    if (!device.tryFast("matmulBias", dtype, result, left, turned, bias)) {
      device.kernels.copy[dtype](out, expanded(bias, out.shape));
      device.kernels.matmul[dtype](result, left, turned, true);
    }
  }
  if (recording(input, weight, bias)) {
    const node = record(LINEAR, out, [input, weight, bias]);
    node.save(node.inputs[1] === null ? null : input, node.inputs[0] === null ? null : weight);
  }
  return out;
});
