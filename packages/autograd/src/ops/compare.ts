import { broadcastShapes, type CompareName, isFloat, type Operand } from "@kindling/storage";
import { commonDevice, expanded, rawCast, rawCompare, rawUnary, scalarFor } from "../dispatch.js";
import { isTensor, type Tensor } from "../tensor.js";
import {
  bitwiseAnd,
  bitwiseOr,
  bitwiseXor,
  checkOperands,
  expectTensor,
  promoted,
  type TensorOrScalar,
} from "./pointwise.js";
import type { Scalar } from "./promotion.js";

function compare(name: CompareName, a: TensorOrScalar, b: TensorOrScalar): Tensor {
  checkOperands(name, a, b);
  const ta = isTensor(a) ? a : null;
  const tb = isTensor(b) ? b : null;
  const device = commonDevice(name, [ta, tb]);
  const dtype = promoted(a, b);
  const shape = ta && tb ? broadcastShapes(ta.shape, tb.shape) : ((ta ?? tb) as Tensor).shape;
  const va: Operand = ta ? expanded(rawCast(ta, dtype, name), shape) : scalarFor(dtype, a as Scalar);
  const vb: Operand = tb ? expanded(rawCast(tb, dtype, name), shape) : scalarFor(dtype, b as Scalar);
  return rawCompare(name, va, vb, shape, dtype, device);
}

/** `self = other`, element by element, as bool. */
export const eq = (self: TensorOrScalar, other: TensorOrScalar): Tensor => compare("eq", self, other);
/** `self ≠ other`. */
export const ne = (self: TensorOrScalar, other: TensorOrScalar): Tensor => compare("ne", self, other);
/** `self < other`. */
export const lt = (self: TensorOrScalar, other: TensorOrScalar): Tensor => compare("lt", self, other);
/** `self ≤ other`. */
export const le = (self: TensorOrScalar, other: TensorOrScalar): Tensor => compare("le", self, other);
/** `self > other`. */
export const gt = (self: TensorOrScalar, other: TensorOrScalar): Tensor => compare("gt", self, other);
/** `self ≥ other`. */
export const ge = (self: TensorOrScalar, other: TensorOrScalar): Tensor => compare("ge", self, other);

const truth = (t: TensorOrScalar): TensorOrScalar => (isTensor(t) && t.dtype !== "bool" ? ne(t, 0) : t);

/** Whether elements are zero or false. */
export const logicalNot = (self: Tensor): Tensor => eq(self, self.dtype === "bool" ? false : 0);
/** Whether both are nonzero. */
export const logicalAnd = (self: Tensor, other: Tensor): Tensor => bitwiseAnd(truth(self), truth(other));
/** Whether one at least is nonzero. */
export const logicalOr = (self: Tensor, other: Tensor): Tensor => bitwiseOr(truth(self), truth(other));
/** Whether exactly one is nonzero. */
export const logicalXor = (self: Tensor, other: Tensor): Tensor => bitwiseXor(truth(self), truth(other));

/** Whether elements are not a number. */
export function isnan(self: Tensor): Tensor {
  expectTensor(self, "isnan");
  return isFloat(self.dtype) ? rawUnary("isnan", self) : ne(self, self);
}

/** Whether elements are infinite, of either sign. */
export const isinf = (self: Tensor): Tensor =>
  isFloat(self.dtype)
    ? bitwiseOr(eq(self, Number.POSITIVE_INFINITY), eq(self, Number.NEGATIVE_INFINITY))
    : ne(self, self);

/** Whether elements are neither infinite nor NaN. */
export const isfinite = (self: Tensor): Tensor => logicalNot(bitwiseOr(isinf(self), isnan(self)));
