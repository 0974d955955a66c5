import { type DType } from "@kindling/storage";
import type { Tensor } from "../tensor.js";
/** A number or boolean in the place of a tensor. */
export type Scalar = number | bigint | boolean;
/** 0 bool, 1 integer, 2 floating point: what a bare scalar counts as. */
export declare const categoryOf: (value: Scalar) => 0 | 1 | 2;
/** The dtype of a bare scalar: bool, int32 or float32. */
export declare const scalarDType: (value: Scalar) => DType;
/** The result dtype of a tensor with a bare scalar: the tensor's, unless the scalar is of a higher category. */
export declare function withScalar(dtype: DType, value: Scalar): DType;
/** The result dtype of two tensors: among equal categories those with dimensions decide over 0-dimensional ones. */
export declare function resultType(a: Tensor, b: Tensor): DType;
/** The dtype of indices that an operator finds in a tensor: int32, the default integer, but int64 of int64. */
export declare const indexType: (dtype: DType) => DType;
/** The dtype in which a function with real results computes: integers and bool become float32. */
export declare const floatType: (dtype: DType) => DType;
