import type { DType } from "@kindling/autograd";

/** NumPy's codes of our dtypes: kind and bytes. bfloat16 is none of its dtypes. */
export const kinds: Readonly<Record<Exclude<DType, "bfloat16">, string>> = {
  float32: "f4",
  float64: "f8",
  float16: "f2",
  int64: "i8",
  int32: "i4",
  int16: "i2",
  int8: "i1",
  uint8: "u1",
  bool: "b1",
};
const dtypeOfKind = new Map(Object.entries(kinds).map(([dtype, kind]) => [kind, dtype as DType]));

export interface ArrayType {
  readonly dtype: DType;
  readonly bigEndian: boolean;
}

const foreign: Readonly<Record<string, string>> = {
  O: "object arrays hold Python objects, and are refused",
  V: "structured and raw arrays are not supported",
  U: "arrays of strings are not supported",
  S: "arrays of strings are not supported",
  a: "arrays of strings are not supported",
  M: "arrays of dates are not supported",
  m: "arrays of times are not supported",
  c: "complex numbers are not supported",
};

/**
 * The dtype of NumPy's `"<f4"`.
 * @param refuse told what is wrong with one that no tensor here has
 */
export function arrayType(descr: unknown, refuse: (problem: string) => never): ArrayType {
  if (typeof descr !== "string") return refuse("structured arrays are not supported");
  const [, order, kind] = /^([<>|=]?)(\w+)(?:\[.*\])?$/.exec(descr) ?? [];
  const dtype = dtypeOfKind.get(kind === "?" ? "b1" : kind);
  if (dtype !== undefined && !descr.includes("[")) return { dtype, bigEndian: order === ">" };
  const problem = kind === undefined ? undefined : foreign[kind[0]];
  const supported = [...dtypeOfKind.keys()].join(", ");
  return refuse(`dtype ${JSON.stringify(descr.slice(0, 40))}: ${problem ?? `supported are ${supported}`}`);
}
