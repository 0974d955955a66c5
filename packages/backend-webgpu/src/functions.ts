import { type BinaryName, type CompareName, type DType, DTypeError, isFloat, type UnaryName } from "@kindling/storage";
import { type MathName, math } from "./math.js";

/* The pointwise functions in WGSL, for the types that kernels compute in: f32, i32, and u32 for uint8 and bool. */

/** An expression of its operands' expressions, and the declarations that it needs. */
export interface Pointwise {
  readonly of: (...operands: string[]) => string;
  readonly needs?: readonly MathName[];
}

type Row<N extends string> = Readonly<Partial<Record<N, Pointwise>>>;

const plain = (of: Pointwise["of"]): Pointwise => ({ of });
/** A function of WGSL's own. */
const own = (name: string): Pointwise => ({ of: (...operands) => `${name}(${operands.join(", ")})` });
/** A function of `math.ts`. */
const ours = (name: MathName): Pointwise => ({ ...own(name), needs: [name] });
const same = plain((x) => x);
const holds = (condition: string): string => `select(0u, 1u, ${condition})`;

const floatUnary: Row<UnaryName> = {
  neg: plain((x) => `-${x}`),
  abs: own("abs"),
  sign: ours("sign_of"),
  floor: own("floor"),
  ceil: own("ceil"),
  round: own("round"),
  trunc: own("trunc"),
  sqrt: own("sqrt"),
  exp: ours("exp_of"),
  expm1: ours("expm1_of"),
  log: ours("log_of"),
  log1p: ours("log1p_of"),
  sin: ours("sin_of"),
  cos: ours("cos_of"),
  tanh: ours("tanh_of"),
  sigmoid: ours("sigmoid_of"),
  erf: ours("erf_of"),
  isnan: { of: (x) => holds(`is_nan(${x})`), needs: ["is_nan"] },
};

const integerUnary: Row<UnaryName> = {
  neg: plain((x) => `-${x}`),
  abs: own("abs"),
  sign: own("sign"),
  floor: same,
  ceil: same,
  round: same,
  trunc: same,
  bitwiseNot: plain((x) => `~${x}`),
};

const byteUnary: Row<UnaryName> = {
  ...integerUnary,
  neg: plain((x) => `0u - ${x}`),
  abs: same,
  sign: plain((x) => `min(${x}, 1u)`),
};

const boolUnary: Row<UnaryName> = { bitwiseNot: plain((x) => `${x} ^ 1u`) };

const arithmetic: Row<BinaryName> = {
  add: plain((a, b) => `${a} + ${b}`),
  sub: plain((a, b) => `${a} - ${b}`),
  mul: plain((a, b) => `${a} * ${b}`),
};

const floatBinary: Row<BinaryName> = {
  ...arithmetic,
  div: plain((a, b) => `${a} / ${b}`),
  pow: ours("pow_of"),
  maximum: ours("max_of"),
  minimum: ours("min_of"),
  fmod: ours("fmod_of"),
  atan2: ours("atan2_of"),
};

const boolBinary: Row<BinaryName> = {
  maximum: own("max"),
  minimum: own("min"),
  bitwiseAnd: plain((a, b) => `${a} & ${b}`),
  bitwiseOr: plain((a, b) => `${a} | ${b}`),
  bitwiseXor: plain((a, b) => `${a} ^ ${b}`),
};

const integerBinary: Row<BinaryName> = {
  ...arithmetic,
  ...boolBinary,
  div: plain((a, b) => `select(${a} / ${b}, 0, ${b} == 0)`),
  pow: ours("pow_int"),
  fmod: plain((a, b) => `${a} % ${b}`),
  shiftLeft: plain((a, b) => `${a} << (u32(${b}) & 31u)`),
  shiftRight: plain((a, b) => `${a} >> (u32(${b}) & 31u)`),
};

const byteBinary: Row<BinaryName> = {
  ...integerBinary,
  div: plain((a, b) => `select(${a} / ${b}, 0u, ${b} == 0u)`),
  pow: ours("pow_uint"),
};

const comparisons: Readonly<Record<CompareName, string>> = { eq: "==", ne: "!=", lt: "<", le: "<=", gt: ">", ge: ">=" };

const rowOf = <N extends string>(dtype: DType, float: Row<N>, integer: Row<N>, byte: Row<N>, bool: Row<N>): Row<N> => {
  if (isFloat(dtype)) return float;
  return dtype === "bool" ? bool : dtype === "uint8" ? byte : integer;
};

function found(name: string, dtype: DType, row: Readonly<Partial<Record<string, Pointwise>>>): Pointwise {
  const pointwise = row[name];
  if (pointwise) return pointwise;
  throw new DTypeError(`[${name}] is not defined for ${dtype}`, { operation: name, dtype, device: "webgpu" });
}

/** @throws DTypeError where the function has no meaning for the dtype */
export const unaryOf = (name: UnaryName, dtype: DType): Pointwise =>
  found(name, dtype, rowOf(dtype, floatUnary, integerUnary, byteUnary, boolUnary));

/** @throws DTypeError where the function has no meaning for the dtype */
export const binaryOf = (name: BinaryName, dtype: DType): Pointwise =>
  found(name, dtype, rowOf(dtype, floatBinary, integerBinary, byteBinary, boolBinary));

// not `!=`: a compiler that forgets NaN may make an ordered comparison of it
export const compareOf = (name: CompareName): Pointwise["of"] =>
  name === "ne" ? (a, b) => holds(`!(${a} == ${b})`) : (a, b) => holds(`${a} ${comparisons[name]} ${b}`);

/** What of the type that a dtype computes in becomes the type of another. */
export function conversion(to: DType, from: DType): Pointwise["of"] {
  if (to === from) return (x) => x;
  if (to === "bool") return (x) => holds(`!(${x} == ${isFloat(from) ? "0.0" : from === "int32" ? "0" : "0u"})`);
  if (isFloat(to)) return isFloat(from) ? (x) => x : (x) => `f32(${x})`;
  if (to === "int32") return (x) => `i32(${x})`;
  return isFloat(from) ? (x) => `u32(i32(${x}))` : (x) => `u32(${x})`;
}

/** The declarations of a pointwise function. */
export const declarationsOf = ({ needs = [] }: Pointwise): string => math(...needs);
