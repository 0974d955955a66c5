import { broadcastShapes, type DType, DTypeError, isInteger, type Operand, promoteTypes } from "@kindling/storage";
import { operator } from "../args.js";
import { commonDevice, expanded, fresh, rawCast, scalarFor } from "../dispatch.js";
import type { Derivative } from "../node.js";
import { record, recording } from "../record.js";
import { isTensor, type Tensor } from "../tensor.js";
import { ge, gt, isnan, le, logicalAnd, logicalOr, lt } from "./compare.js";
import { promoted } from "./pair-table.js";
import { type Scalar, scalarDType } from "./promotion.js";
import { expectTensor, fastSlope, type TensorOrScalar } from "./table.js";

const WHERE: Derivative = {
  name: "WhereBackward0",
  backward(node, g) {
    const condition = node.saved(0);
    return [null, node.needs(1) ? where(condition, g, 0) : null, node.needs(2) ? where(condition, 0, g) : null];
  },
};

/** `condition ? self : other`, element by element; all three broadcast. `condition` is bool. */
export const where = operator<(condition: Tensor, self: TensorOrScalar, other: TensorOrScalar) => Tensor>(
  "where(condition, self, other)",
  (condition: Tensor, self: TensorOrScalar, other: TensorOrScalar) => {
    const dtype =
      isTensor(self) || isTensor(other)
        ? promoted(self, other)
        : promoteTypes(scalarDType(self), scalarDType(other as Scalar));
    return select(WHERE, dtype, condition, self, other);
  },
);

function select(
  derivative: Derivative,
  dtype: DType,
  condition: Tensor,
  self: TensorOrScalar,
  other: TensorOrScalar,
): Tensor {
  expectTensor(condition, "where", "condition");
  if (condition.dtype !== "bool" && condition.dtype !== "uint8") {
    throw new DTypeError(
      `where expected condition to be a boolean tensor, but got a tensor with dtype ${condition.dtype}`,
    );
  }
  const ta = isTensor(self) ? self : null;
  const tb = isTensor(other) ? other : null;
  const device = commonDevice("where", [condition, ta, tb]);
  let shape = condition.shape;
  if (ta) shape = broadcastShapes(shape, ta.shape);
  if (tb) shape = broadcastShapes(shape, tb.shape);
  const va: Operand = ta ? expanded(rawCast(ta, dtype, "where"), shape) : scalarFor(dtype, self as Scalar);
  const vb: Operand = tb ? expanded(rawCast(tb, dtype, "where"), shape) : scalarFor(dtype, other as Scalar);
  const out = fresh(device, dtype, shape, "where");
  device.kernels.where[dtype](out, expanded(rawCast(condition, "bool"), shape), va, vb);
  if (recording(condition, ta, tb)) record(derivative, out, [condition, ta, tb]).save(condition);
  return out;
}

const MASKED_FILL: Derivative = { ...WHERE, name: "MaskedFillBackward0" };

/** `self` with `value` (a number or a 0-dimensional tensor) where `mask` is true; the dtype is that of `self`. */
export const maskedFill = operator<(self: Tensor, mask: Tensor, value: TensorOrScalar) => Tensor>(
  "maskedFill(self, mask, value)",
  (self: Tensor, mask: Tensor, value: TensorOrScalar) => {
    expectTensor(self, "maskedFill");
    const { dtype } = self;
    if (isTensor(value)) {
      if (value.ndim > 0) {
        throw new DTypeError(
          `maskedFill_ only supports a 0-dimensional value tensor, but got tensor with ${value.ndim} dimension(s).`,
        );
      }
      return select(MASKED_FILL, dtype, mask, value, self);
    }
    if (isInteger(dtype) && !Number.isInteger(Number(value))) {
      throw new DTypeError(`value cannot be converted to type ${dtype} without overflow`, { dtype, value });
    }
    return select(MASKED_FILL, dtype, mask, value, self);
  },
);

const CLAMP: Derivative = {
  name: "ClampBackward1",
  backward(node, g) {
    const x = node.saved(0);
    const { min, max } = node.context as { min: number | null; max: number | null };
    if (min === null) return where(le(x, max as number), g, 0);
    if (max === null) return where(ge(x, min), g, 0);
    return where(logicalAnd(ge(x, min), le(x, max)), g, 0);
  },
};

type Bound = TensorOrScalar | null;
type ClampOptions = { min?: Bound; max?: Bound };

/** `self` limited to `[min, max]`; either may be absent (`null`), both may be tensors. Outside the gradient is 0. */
export const clamp = operator<
  (self: Tensor, min?: Bound | ClampOptions, max?: Bound | ClampOptions, options?: ClampOptions) => Tensor
>("clamp(self, min=null, max=null)", (self: Tensor, min: Bound, max: Bound) => {
  expectTensor(self, "clamp");
  if (min === null && max === null) throw new DTypeError("clamp: At least one of 'min' or 'max' must not be null");
  if (isTensor(min) || isTensor(max)) {
    let out = self;
    if (min !== null) out = where(beyond(lt, out, min), min, out);
    if (max !== null) out = where(beyond(gt, out, max), max, out);
    return out;
  }
  return clampScalars(self, min, max);
});

/** Where a bound is to be taken: it is exceeded, or NaN. */
const beyond = (order: typeof lt, x: Tensor, bound: TensorOrScalar): Tensor =>
  isTensor(bound) ? logicalOr(order(x, bound), isnan(bound)) : order(x, bound);

function clampScalars(self: Tensor, min: Scalar | null, max: Scalar | null): Tensor {
  let dtype = self.dtype;
  if (min !== null) dtype = promoted(self, min) === dtype ? dtype : promoted(self, min);
  if (max !== null) dtype = promoteTypes(dtype, promoted(self, max));
  const { device } = self.storage;
  const kernel = device.kernels.binary[dtype];
  const out = fresh(device, dtype, self.shape, "clamp");
  const a = rawCast(self, dtype, "clamp");
  if (min !== null) kernel("maximum", out, a, scalarFor(dtype, min));
  if (max !== null) kernel("minimum", out, min === null ? a : out, scalarFor(dtype, max));
  if (recording(self)) {
    const node = record(CLAMP, out, [self]);
    node.context = { min: min === null ? null : Number(min), max: max === null ? null : Number(max) };
    node.save(self);
  }
  return out;
}

const RELU: Derivative = {
  name: "ReluBackward0",
  backward(node, g) {
    const y = node.saved(0);
    return fastSlope("relu", g, y) ?? where(le(y, 0), 0, g); // NaN lets the gradient through
  },
};

/** `max(x, 0)`; the derivative at 0 is 0. */
export const relu = operator<(self: Tensor) => Tensor>("relu(self)", (self: Tensor) => {
  expectTensor(self, "relu");
  const { device, dtype } = self.storage;
  if (dtype === "bool") throw new DTypeError("Boolean inputs not supported for relu", { dtype });
  const out = fresh(device, dtype, self.shape, "relu");
  device.kernels.binary[dtype]("maximum", out, self, scalarFor(dtype, 0));
  if (recording(self)) record(RELU, out, [self]).save(out);
  return out;
});

type BoundOptions = { min?: TensorOrScalar };
/** `self` limited from below. */
export const clampMin = operator<(self: Tensor, min: TensorOrScalar | BoundOptions) => Tensor>(
  "clampMin(self, min)",
  (self: Tensor, min: Bound) => clamp(self, min, null),
);
/** `self` limited from above. */
export const clampMax = operator<(self: Tensor, max: TensorOrScalar | { max?: TensorOrScalar }) => Tensor>(
  "clampMax(self, max)",
  (self: Tensor, max: Bound) => clamp(self, null, max),
);
