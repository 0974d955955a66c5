import { isExpandable, isFloat } from "@kindling/storage";
import { operator } from "../args.js";
import { commonDevice, expanded, fresh, windowOn } from "../dispatch.js";
import type { Derivative } from "../node.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { bmm, mm, mv, outer, product, requireMatrices, sumOfRows } from "./matmul.js";
import { add, mul } from "./pointwise.js";
import { sum } from "./reduction.js";
import { expand, transpose } from "./views.js";

/*
 * Matrix products that are added to something: `beta · self + alpha · product`.
 */

type Scaled = { beta?: number; alpha?: number };
/** `factor · x` in the dtype of `x`: for integers the factor loses its fraction, for bool it is 0 or 1. */
function scaled(x: Tensor, factor: number): Tensor {
  if (factor === 1) return x;
  if (x.dtype === "bool") return mul(x, factor !== 0);
  return mul(x, isFloat(x.dtype) ? factor : Math.trunc(factor));
}

/** `beta · self + alpha · product`; with `beta` 0 the content of `self` does not matter. */
function blend(self: Tensor, product: Tensor, { beta, alpha }: Required<Scaled>): Tensor {
  const added = expand(self, product.shape);
  return beta === 0 ? scaled(product, alpha) : add(scaled(added, beta), scaled(product, alpha));
}

/** `beta · self + alpha · (mat1 · mat2)`. */
export const addmm = operator<(self: Tensor, mat1: Tensor, mat2: Tensor, options?: Scaled) => Tensor>(
  "addmm(self, mat1, mat2, *, beta=1, alpha=1)",
  (self: Tensor, mat1: Tensor, mat2: Tensor, beta: number, alpha: number) =>
    beta === 1 && alpha === 1 && self.dtype === mat1.dtype
      ? addProduct(self, mat1, mat2)
      : blend(self, mm(mat1, mat2), { beta, alpha }),
);

const ADDMM: Derivative = {
  name: "AddmmBackward0",
  backward: (node, g) => [
    g,
    node.needs(1) ? product(g, transpose(node.saved(1), 0, 1)) : null,
    node.needs(2) ? sumOfRows(node, 2, node.saved(0), g) : null,
  ],
};

/** `self + mat1 · mat2` in one memory: the product is added to a copy of `self`. */
function addProduct(self: Tensor, mat1: Tensor, mat2: Tensor): Tensor {
  requireMatrices(mat1, mat2);
  const [rows, inner] = mat1.shape;
  const columns = mat2.shape[1];
  const device = commonDevice("addmm", [self, mat1, mat2]);
  const { dtype } = mat1.storage;
  const out = fresh(device, dtype, [rows, columns], "addmm");
  if (!isExpandable(self.shape, out.shape)) expand(self, out.shape);
  if (rows > 0 && columns > 0) {
    device.kernels.copy[dtype](out, expanded(self, out.shape));
    device.kernels.matmul[dtype](
      windowOn(out, [1, rows, columns], [0, columns, 1]),
      windowOn(mat1, [1, rows, inner], [0, ...mat1.strides]),
      windowOn(mat2, [1, inner, columns], [0, ...mat2.strides]),
      true,
    );
  }
  if (recording(self, mat1, mat2)) {
    const node = record(ADDMM, out, [self, mat1, mat2]);
    node.save(node.inputs[2] === null ? null : mat1, node.inputs[1] === null ? null : mat2);
  }
  return out;
}

/** `beta · self + alpha · (batch1 · batch2)`. */
export const baddbmm = operator<(self: Tensor, batch1: Tensor, batch2: Tensor, options?: Scaled) => Tensor>(
  "baddbmm(self, batch1, batch2, *, beta=1, alpha=1)",
  (self: Tensor, batch1: Tensor, batch2: Tensor, beta: number, alpha: number) =>
    blend(self, bmm(batch1, batch2), { beta, alpha }),
);

/** `beta · self + alpha · Σ (batch1 · batch2)` over the batch. */
export const addbmm = operator<(self: Tensor, batch1: Tensor, batch2: Tensor, options?: Scaled) => Tensor>(
  "addbmm(self, batch1, batch2, *, beta=1, alpha=1)",
  (self: Tensor, batch1: Tensor, batch2: Tensor, beta: number, alpha: number) =>
    blend(self, sum(bmm(batch1, batch2), 0, { dtype: batch1.dtype }), { beta, alpha }),
);
/** `beta · self + alpha · (mat · vec)`. */
export const addmv = operator<(self: Tensor, mat: Tensor, vec: Tensor, options?: Scaled) => Tensor>(
  "addmv(self, mat, vec, *, beta=1, alpha=1)",
  (self: Tensor, mat: Tensor, vec: Tensor, beta: number, alpha: number) => blend(self, mv(mat, vec), { beta, alpha }),
);
/** `beta · self + alpha · vec1 ⊗ vec2`. */
export const addr = operator<(self: Tensor, vec1: Tensor, vec2: Tensor, options?: Scaled) => Tensor>(
  "addr(self, vec1, vec2, *, beta=1, alpha=1)",
  (self: Tensor, vec1: Tensor, vec2: Tensor, beta: number, alpha: number) =>
    blend(self, outer(vec1, vec2), { beta, alpha }),
);
