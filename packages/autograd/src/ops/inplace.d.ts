import { type Tensor } from "../tensor.js";
import { type TensorOrScalar } from "./table.js";
type InPlace<A extends unknown[]> = (self: Tensor, ...args: A) => Tensor;
/** Overwrites `self` with `src`, which is broadcast and converted. */
export declare const copy_: (self: Tensor, src: Tensor) => Tensor;
/** Overwrites every element with `value`, a number or a 0-dimensional tensor. */
export declare const fill_: (self: Tensor, value: TensorOrScalar) => Tensor;
/** Overwrites every element with 0. */
export declare const zero_: (self: Tensor) => Tensor;
/** `self += alpha · other`. */
export declare function add_(self: Tensor, other: TensorOrScalar, options?: {
    alpha?: number;
}): Tensor;
/** `self −= alpha · other`. */
export declare function sub_(self: Tensor, other: TensorOrScalar, options?: {
    alpha?: number;
}): Tensor;
type Rounding = {
    roundingMode?: "floor" | "trunc" | null;
};
/** `self /= other`; with `roundingMode` to whole numbers. */
declare const div_: (self: Tensor, other: TensorOrScalar | Rounding, options?: Rounding) => Tensor;
/** Rounds in place, to a multiple of `10^-decimals`. */
declare const round_: (self: Tensor, options?: {
    decimals?: number;
}) => Tensor;
/** In-place forms: each writes into its first argument and returns it. */
export declare const inPlace: {
    copy_: (self: Tensor, src: Tensor) => Tensor;
    fill_: (self: Tensor, value: TensorOrScalar) => Tensor;
    zero_: (self: Tensor) => Tensor;
    add_: typeof add_;
    sub_: typeof sub_;
    mul_: (self: Tensor, other: TensorOrScalar) => Tensor;
    div_: typeof div_;
    pow_: (self: Tensor, other: TensorOrScalar) => Tensor;
    fmod_: (self: Tensor, other: TensorOrScalar) => Tensor;
    bitwiseAnd_: (self: Tensor, other: TensorOrScalar) => Tensor;
    bitwiseOr_: (self: Tensor, other: TensorOrScalar) => Tensor;
    bitwiseXor_: (self: Tensor, other: TensorOrScalar) => Tensor;
    neg_: (self: Tensor) => Tensor;
    abs_: (self: Tensor) => Tensor;
    sign_: (self: Tensor) => Tensor;
    floor_: (self: Tensor) => Tensor;
    ceil_: (self: Tensor) => Tensor;
    round_: typeof round_;
    bitwiseNot_: (self: Tensor) => Tensor;
    trunc_: (self: Tensor) => Tensor;
    sqrt_: (self: Tensor) => Tensor;
    exp_: (self: Tensor) => Tensor;
    expm1_: (self: Tensor) => Tensor;
    log_: (self: Tensor) => Tensor;
    log1p_: (self: Tensor) => Tensor;
    sin_: (self: Tensor) => Tensor;
    cos_: (self: Tensor) => Tensor;
    tanh_: (self: Tensor) => Tensor;
    sigmoid_: (self: Tensor) => Tensor;
    erf_: (self: Tensor) => Tensor;
    square_: InPlace<[]>;
    rsqrt_: InPlace<[]>;
    reciprocal_: InPlace<[]>;
    remainder_: InPlace<[other: TensorOrScalar]>;
    floorDivide_: InPlace<[other: TensorOrScalar]>;
    lerp_: InPlace<[end: Tensor, weight: TensorOrScalar]>;
    addcmul_: InPlace<[tensor1: Tensor, tensor2: Tensor, options?: {
        value?: number;
    } | undefined]>;
    addcdiv_: InPlace<[tensor1: Tensor, tensor2: Tensor, options?: {
        value?: number;
    } | undefined]>;
    clamp_: InPlace<[min?: {
        min?: TensorOrScalar | null;
        max?: TensorOrScalar | null;
    } | (TensorOrScalar | null) | undefined, max?: {
        min?: TensorOrScalar | null;
        max?: TensorOrScalar | null;
    } | (TensorOrScalar | null) | undefined, options?: {
        min?: TensorOrScalar | null;
        max?: TensorOrScalar | null;
    } | undefined]>;
    clampMin_: InPlace<[min: {
        min?: TensorOrScalar;
    } | TensorOrScalar]>;
    clampMax_: InPlace<[max: {
        max?: TensorOrScalar;
    } | TensorOrScalar]>;
    relu_: InPlace<[]>;
    maskedFill_: InPlace<[mask: Tensor, value: TensorOrScalar]>;
    scatter_: InPlace<[dim: number, index: Tensor, src: TensorOrScalar, options?: {
        reduce?: "add" | "multiply";
    } | undefined]>;
    scatterAdd_: InPlace<[dim: number, index: Tensor, src: Tensor]>;
    indexAdd_: InPlace<[dim: number, index: Tensor, source: Tensor, options?: {
        alpha?: number;
    } | undefined]>;
    indexCopy_: InPlace<[dim: number, index: Tensor, source: Tensor]>;
    indexFill_: InPlace<[dim: number, index: Tensor, value: number]>;
    tril_: InPlace<[diagonal?: number | {
        diagonal?: number;
    } | undefined]>;
    triu_: InPlace<[diagonal?: number | {
        diagonal?: number;
    } | undefined]>;
};
export {};
