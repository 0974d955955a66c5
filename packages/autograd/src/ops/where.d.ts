import { type Tensor } from "../tensor.js";
import { type TensorOrScalar } from "./table.js";
/** `condition ? self : other`, element by element; all three broadcast. `condition` is bool. */
export declare const where: (condition: Tensor, self: TensorOrScalar, other: TensorOrScalar) => Tensor;
/** `self` with `value` (a number or a 0-dimensional tensor) where `mask` is true; the dtype is that of `self`. */
export declare const maskedFill: (self: Tensor, mask: Tensor, value: TensorOrScalar) => Tensor;
type Bound = TensorOrScalar | null;
type ClampOptions = {
    min?: Bound;
    max?: Bound;
};
/** `self` limited to `[min, max]`; either may be absent (`null`), both may be tensors. Outside the gradient is 0. */
export declare const clamp: (self: Tensor, min?: Bound | ClampOptions, max?: Bound | ClampOptions, options?: ClampOptions) => Tensor;
/** `max(x, 0)`; the derivative at 0 is 0. */
export declare const relu: (self: Tensor) => Tensor;
type BoundOptions = {
    min?: TensorOrScalar;
};
/** `self` limited from below. */
export declare const clampMin: (self: Tensor, min: TensorOrScalar | BoundOptions) => Tensor;
/** `self` limited from above. */
export declare const clampMax: (self: Tensor, max: TensorOrScalar | {
    max?: TensorOrScalar;
}) => Tensor;
export {};
