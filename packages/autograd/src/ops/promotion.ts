import { type DType, dtypeInfo, promoteTypes } from "@kindling/storage";
import type { Tensor } from "../tensor.js";

/** A number or boolean in the place of a tensor. */
export type Scalar = number | bigint | boolean;

/** 0 bool, 1 integer, 2 floating point: what a bare scalar counts as. */
export const categoryOf = (value: Scalar): 0 | 1 | 2 =>
  typeof value === "boolean" ? 0 : typeof value === "bigint" || Number.isInteger(value) ? 1 : 2;

const defaults: readonly DType[] = ["bool", "int32", "float32"];

/** The dtype of a bare scalar: bool, int32 or float32. */
export const scalarDType = (value: Scalar): DType => defaults[categoryOf(value)];

/** The result dtype of a tensor with a bare scalar: the tensor's, unless the scalar is of a higher category. */
export function withScalar(dtype: DType, value: Scalar): DType {
  const category = categoryOf(value);
  return category > dtypeInfo[dtype].category ? defaults[category] : dtype;
}

/** The result dtype of two tensors: among equal categories those with dimensions decide over 0-dimensional ones. */
export function resultType(a: Tensor, b: Tensor): DType {
  const da = a.storage.dtype;
  const db = b.storage.dtype;
  if (da === db) return da;
  const scalarA = a.shape.length === 0;
  if (scalarA === (b.shape.length === 0)) return promoteTypes(da, db);
  const [strong, weak] = scalarA ? [db, da] : [da, db];
  return dtypeInfo[weak].category > dtypeInfo[strong].category ? weak : strong;
}

/** The dtype of indices that an operator finds in a tensor: int32, the default integer, but int64 of int64. */
export const indexType = (dtype: DType): DType => (dtype === "int64" ? "int64" : "int32");

/** The dtype in which a function with real results computes: integers and bool become float32. */
export const floatType = (dtype: DType): DType => (dtypeInfo[dtype].category === 2 ? dtype : "float32");
