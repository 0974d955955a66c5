import { type Tensor } from "../tensor.js";
import { type Scalar } from "./promotion.js";
import { type Binary, type TensorOrScalar } from "./table.js";
/** `-x`. */
export declare const neg: import("./table.js").Unary;
/** `|x|`; the derivative at 0 is 0. */
export declare const abs: import("./table.js").Unary;
/** -1, 0 or 1. */
export declare const sign: import("./table.js").Unary;
/** The largest integer not above `x`. */
export declare const floor: import("./table.js").Unary;
/** The smallest integer not below `x`. */
export declare const ceil: import("./table.js").Unary;
/** The nearest integer; halves go to the even one. */
export declare const roundPlain: import("./table.js").Unary;
/** `x` without its fraction. */
export declare const trunc: import("./table.js").Unary;
/** `√x`. */
export declare const sqrt: import("./table.js").Unary;
/** `eˣ`. */
export declare const exp: import("./table.js").Unary;
/** `eˣ − 1`, exact for small `x`. */
export declare const expm1: import("./table.js").Unary;
/** Natural logarithm. */
export declare const log: import("./table.js").Unary;
/** `log(1 + x)`, exact for small `x`. */
export declare const log1p: import("./table.js").Unary;
/** Sine of radians. */
export declare const sin: import("./table.js").Unary;
/** Cosine of radians. */
export declare const cos: import("./table.js").Unary;
/** Hyperbolic tangent. */
export declare const tanh: import("./table.js").Unary;
/** `1 / (1 + e⁻ˣ)`. */
export declare const sigmoid: import("./table.js").Unary;
/** The error function `2/√π ∫₀ˣ e^(−t²) dt`. */
export declare const erf: import("./table.js").Unary;
/** Bits inverted; of bool the logical not. */
export declare const bitwiseNot: import("./table.js").Unary;
/** `self + other`, without options. */
export declare const addPlain: Binary;
/** `self − other`, without options. */
export declare const subPlain: Binary;
/** `a · b`. */
export declare const mul: Binary;
/** `a / b` in floating point, also of integers. */
export declare const trueDivide: Binary;
/** The larger of two; equal operands share the gradient, NaN wins. */
export declare const maximum: Binary;
/** The smaller of two; equal operands share the gradient, NaN wins. */
export declare const minimum: Binary;
/** `aᵇ`. */
export declare const pow: Binary;
/** The angle of the point (b, a), in (−π, π]. */
export declare const atan2: Binary;
/** The remainder of division rounded towards zero: it has the sign of `a`. */
export declare const fmod: Binary;
/** Bits of both; of bool the logical and. */
export declare const bitwiseAnd: Binary;
/** Bits of either; of bool the logical or. */
export declare const bitwiseOr: Binary;
/** Bits of one but not both; of bool the logical exclusive or. */
export declare const bitwiseXor: Binary;
/** `alpha · other`, as the operand of a sum with `self`. */
export declare function times(alpha: Scalar, self: TensorOrScalar, other: TensorOrScalar): TensorOrScalar;
type Alpha = {
    alpha?: number;
};
/** `self + alpha · other`. */
export declare function add(self: TensorOrScalar, other: TensorOrScalar, options?: Alpha): Tensor;
/** `self − alpha · other`. */
export declare function sub(self: TensorOrScalar, other: TensorOrScalar, options?: Alpha): Tensor;
/** `other − alpha · self`. */
export declare const rsub: (self: Tensor, other: TensorOrScalar, options?: Alpha) => Tensor;
/** The nearest integer, or the nearest multiple of `10^-decimals`; halves go to the even one. */
export declare const round: (self: Tensor, options?: {
    decimals?: number;
}) => Tensor;
type Rounding = "floor" | "trunc";
/** `self / other`; `roundingMode: "floor"` or `"trunc"` gives whole numbers and keeps integer dtypes. */
export declare function div(self: TensorOrScalar, other: TensorOrScalar, options?: {
    roundingMode?: Rounding | null;
}): Tensor;
/** `⌊self / other⌋`. */
export declare const floorDivide: (self: TensorOrScalar, other: TensorOrScalar) => Tensor;
/** The remainder of division rounded down: it has the sign of `other`. */
export declare const remainder: (self: TensorOrScalar, other: TensorOrScalar) => Tensor;
type OfOne = (self: Tensor) => Tensor;
/** A function of one argument that is made of others. */
export declare const composite: (name: string, body: OfOne) => OfOne;
/** `x`, integers and bool as float32. */
export declare const floating: (x: Tensor) => Tensor;
/** `x²`. */
export declare const square: OfOne;
/** `1 / x`. */
export declare const reciprocal: OfOne;
/** `1 / √x`. */
export declare const rsqrt: OfOne;
/** Base-2 logarithm. */
export declare const log2: OfOne;
/** Base-10 logarithm. */
export declare const log10: OfOne;
/** `2ˣ`. */
export declare const exp2: OfOne;
/** Tangent of radians. */
export declare const tan: OfOne;
/** Inverse tangent, in radians. */
export declare const atan: OfOne;
/** `start + weight · (end − start)`. */
export declare const lerp: (self: Tensor, end: Tensor, weight: TensorOrScalar) => Tensor;
type Value = {
    value?: number;
};
type Third = (self: Tensor, tensor1: Tensor, tensor2: Tensor, options?: Value) => Tensor;
/** `self + value · tensor1 · tensor2`. */
export declare const addcmul: Third;
/** `self + value · tensor1 / tensor2`. */
export declare const addcdiv: Third;
export {};
