import { type Tensor } from "../tensor.js";
import { type TensorOrScalar } from "./table.js";
type Comparison = (self: TensorOrScalar, other: TensorOrScalar) => Tensor;
/** `self = other`, element by element, as bool. */
export declare const eq: Comparison;
/** `self ≠ other`. */
export declare const ne: Comparison;
/** `self < other`. */
export declare const lt: Comparison;
/** `self ≤ other`. */
export declare const le: Comparison;
/** `self > other`. */
export declare const gt: Comparison;
/** `self ≥ other`. */
export declare const ge: Comparison;
type Question = (self: Tensor) => Tensor;
type Pair = (self: Tensor, other: Tensor) => Tensor;
/** Whether elements are zero or false. */
export declare const logicalNot: Question;
/** Whether both are nonzero. */
export declare const logicalAnd: Pair;
/** Whether one at least is nonzero. */
export declare const logicalOr: Pair;
/** Whether exactly one is nonzero. */
export declare const logicalXor: Pair;
/** Whether elements are not a number. */
export declare const isnan: Question;
/** Whether elements are infinite, of either sign. */
export declare const isinf: Question;
/** Whether elements are neither infinite nor NaN. */
export declare const isfinite: Question;
export interface Closeness {
    /** Allowed difference relative to `other`. */
    rtol?: number;
    /** Allowed difference besides. */
    atol?: number;
    /** Whether NaN equals NaN. */
    equalNan?: boolean;
}
type Close<R> = (self: Tensor, other: Tensor, rtol?: number | Closeness, atol?: number | Closeness) => R;
/** Whether `|self − other| ≤ atol + rtol · |other|`, element by element; equal infinities are close. */
export declare const isclose: Close<Tensor>;
/** Whether all elements are close, see `isclose`; at once, so the device must be readable synchronously. */
export declare const allclose: Close<boolean>;
/** Whether shapes and all elements are equal; at once, so the device must be readable synchronously. */
export declare const equal: (self: Tensor, other: Tensor) => boolean;
export {};
