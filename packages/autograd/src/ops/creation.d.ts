import { type Device, type DType, type Shape } from "@kindling/storage";
import { type Tensor } from "../tensor.js";
import type { Scalar } from "./promotion.js";
/** Where and how a new tensor is made. */
export interface TensorOptions {
    /** Element type; the default is float32. */
    dtype?: DType | null;
    /** Device name; the default is `"cpu"`. */
    device?: string | null;
    /** Whether operations on the tensor are recorded. */
    requiresGrad?: boolean;
}
export declare function checkDType(dtype: unknown, operation: string): DType;
/** A shape from user code: whole numbers, not negative. */
export declare function checkShape(sizes: unknown, operation: string): Shape;
/** Finishes a creation: `requiresGrad`, refused for dtypes that have no gradients. */
export declare function finish(t: Tensor, requiresGrad: unknown): Tensor;
type Sizes = (number | readonly number[] | TensorOptions)[];
type Create = (...sizes: Sizes) => Tensor;
type CreateLike = (self: Tensor, options?: TensorOptions) => Tensor;
/** Memory of the given sizes with undefined content. */
export declare const empty: Create;
/** Zeros of the given sizes. */
export declare const zeros: Create;
/** Ones of the given sizes. */
export declare const ones: Create;
/** Undefined content in the shape, dtype and device of another tensor. */
export declare const emptyLike: CreateLike;
/** Zeros in the shape, dtype and device of another tensor. */
export declare const zerosLike: CreateLike;
/** Ones in the shape, dtype and device of another tensor. */
export declare const onesLike: CreateLike;
/** One value everywhere; the dtype is float32 unless told, bool for `true` and `false`. */
export declare const full: (size: number | readonly number[], fillValue: Scalar, options?: TensorOptions) => Tensor;
/** One value in the shape, dtype and device of another tensor. */
export declare const fullLike: (self: Tensor, fillValue: Scalar, options?: TensorOptions) => Tensor;
type NewSizes = (self: Tensor, ...size: Sizes) => Tensor;
/** Memory of other sizes with undefined content, in the dtype and on the device of `self`. */
export declare const newEmpty: NewSizes;
/** Zeros of other sizes, in the dtype and on the device of `self`. */
export declare const newZeros: NewSizes;
/** Ones of other sizes, in the dtype and on the device of `self`. */
export declare const newOnes: NewSizes;
/** One value in other sizes, in the dtype and on the device of `self`. */
export declare const newFull: (self: Tensor, size: number | readonly number[], fillValue: Scalar, options?: TensorOptions) => Tensor;
/** A copy of `data`, in the dtype and on the device of `self`. */
export declare const newTensor: (self: Tensor, data: TensorData, options?: TensorOptions) => Tensor;
type ArangeOptions = TensorOptions & {
    start?: number;
    end?: number;
    step?: number;
};
type ArangeArgs = [options: ArangeOptions] | [end: number, options?: ArangeOptions] | [start: number, end: number, options?: ArangeOptions] | [start: number, end: number, step: number, options?: ArangeOptions];
/**
 * `start, start + step, …` up to but without `end`; `arange(end)` starts at 0. int32 where all arguments are whole numbers,
 * float32 otherwise.
 */
export declare function arange(...args: ArangeArgs): Tensor;
/** `steps` evenly spaced values from `start` to `end`, both included. */
export declare const linspace: (start: number, end: number, steps: number, options?: TensorOptions) => Tensor;
/** The identity matrix, or its upper left part. */
export declare const eye: (n: number, m?: number | TensorOptions, options?: TensorOptions) => Tensor;
/** A number, boolean, bigint, or arrays of such nested to one depth. */
export type NestedArray = Scalar | readonly NestedArray[];
/** Values of any numeric array as a tensor of `dtype`. */
export declare function fromValues(values: ArrayLike<number>, shape: Shape, dtype: DType, device: Device, operation: string): Tensor;
/** Elements of tensors inside nested arrays are not supported; a typed array keeps its kind. */
type TensorData = NestedArray | ArrayBufferView | Tensor;
/**
 * A tensor holding a copy of `data`: a number, nested arrays, a typed array (one dimension, its own dtype) or a tensor.
 * Numbers give float32, booleans bool, bigints int64.
 * @throws ShapeError where nested arrays differ in length.
 */
export declare const tensor: (data: TensorData, options?: TensorOptions) => Tensor;
export {};
