import { ArgumentError, broadcastShapes, type CompareName, DTypeError, isFloat, type Operand } from "@kindling/storage";
import { operator } from "../args.js";
import { commonDevice, expanded, rawCast, rawCompare, rawUnary, scalarFor } from "../dispatch.js";
import { hostValues } from "../read.js";
import { isTensor, type Tensor } from "../tensor.js";
import { all } from "./extremes.js";
import { checkOperands, promoted } from "./pair-table.js";
import { abs, add, bitwiseAnd, bitwiseOr, bitwiseXor, mul, sub } from "./pointwise.js";
import type { Scalar } from "./promotion.js";
import { expectTensor, type TensorOrScalar } from "./table.js";

/*
 * Comparisons and other questions about elements; the answers are bool and have no derivative.
 */

type Comparison = (self: TensorOrScalar, other: TensorOrScalar) => Tensor;

const comparison = (name: CompareName): Comparison =>
  operator<Comparison>(`${name}(self, other)`, (self: TensorOrScalar, other: TensorOrScalar) => {
    checkOperands(name, self, other, "second");
    return compare(name, self as Tensor, other);
  });

function compare(name: CompareName, a: Tensor, b: TensorOrScalar): Tensor {
  const tb = isTensor(b) ? b : null;
  const device = commonDevice(name, [a, tb]);
  const dtype = promoted(a, b);
  const shape = tb ? broadcastShapes(a.shape, tb.shape) : a.shape;
  const vb: Operand = tb ? expanded(rawCast(tb, dtype, name), shape) : scalarFor(dtype, b as Scalar);
  return rawCompare(name, expanded(rawCast(a, dtype, name), shape), vb, shape, dtype, device);
}

/** `self = other`, element by element, as bool. */
export const eq = comparison("eq");
/** `self ≠ other`. */
export const ne = comparison("ne");
/** `self < other`. */
export const lt = comparison("lt");
/** `self ≤ other`. */
export const le = comparison("le");
/** `self > other`. */
export const gt = comparison("gt");
/** `self ≥ other`. */
export const ge = comparison("ge");

const truth = (t: Tensor): Tensor => (t.dtype === "bool" ? t : ne(t, 0));

type Question = (self: Tensor) => Tensor;
const question = (name: string, body: Question): Question =>
  operator<Question>(`${name}(self)`, (self: Tensor) => {
    expectTensor(self, name);
    return body(self);
  });

type Pair = (self: Tensor, other: Tensor) => Tensor;
const connective = (name: string, combine: Comparison): Pair =>
  operator<Pair>(`${name}(self, other)`, (self: Tensor, other: Tensor) => {
    checkOperands(name, self, other, "none");
    return combine(truth(self), truth(other));
  });

/** Whether elements are zero or false. */
export const logicalNot = question("logicalNot", (self) => eq(self, self.dtype === "bool" ? false : 0));
/** Whether both are nonzero. */
export const logicalAnd = connective("logicalAnd", (a, b) => bitwiseAnd(a, b));
/** Whether one at least is nonzero. */
export const logicalOr = connective("logicalOr", (a, b) => bitwiseOr(a, b));
/** Whether exactly one is nonzero. */
export const logicalXor = connective("logicalXor", (a, b) => bitwiseXor(a, b));

/** Whether elements are not a number. */
export const isnan = question("isnan", (self) => (isFloat(self.dtype) ? rawUnary("isnan", self) : ne(self, self)));
/** Whether elements are infinite, of either sign. */
export const isinf = question("isinf", (self) =>
  isFloat(self.dtype)
    ? bitwiseOr(eq(self, Number.POSITIVE_INFINITY), eq(self, Number.NEGATIVE_INFINITY))
    : ne(self, self),
);
/** Whether elements are neither infinite nor NaN. */
export const isfinite = question("isfinite", (self) => logicalNot(bitwiseOr(isinf(self), isnan(self))));

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
export const isclose = operator<Close<Tensor>>(
  "isclose(self, other, rtol=0.00001, atol=1e-8, equalNan=false)",
  (self: Tensor, other: Tensor, rtol: number, atol: number, equalNan: boolean) => {
    checkOperands("isclose", self, other, "none");
    if (self.dtype !== other.dtype) throw new DTypeError(`${self.dtype} did not match ${other.dtype}`);
    if (rtol < 0 || atol < 0) {
      const [name, value] = rtol < 0 ? ["rtol", rtol] : ["atol", atol];
      throw new ArgumentError(`${name} must be greater than or equal to zero, but got ${value}`, { rtol, atol });
    }
    const [a, b] = [self.detach(), other.detach()];
    let close = eq(a, b);
    if (equalNan) close = bitwiseOr(close, bitwiseAnd(isnan(a), isnan(b)));
    if (rtol === 0 && atol === 0) return close;
    const [x, y] = isFloat(a.dtype) ? [a, b] : [a.to("float64"), b.to("float64")];
    const allowed = add(mul(abs(y), rtol), atol);
    const distance = abs(sub(x, y));
    return bitwiseOr(close, bitwiseAnd(isfinite(distance), le(distance, allowed)));
  },
);

/** Whether all elements are close, see `isclose`; at once, so the device must be readable synchronously. */
export const allclose: Close<boolean> = (self, ...rest) => isTrue(all(isclose(self, ...rest)), "allclose");

/** The only element, read at once for `operation`. */
const isTrue = (t: Tensor, operation: string): boolean => hostValues(t, operation)[0] !== 0;

/** Whether shapes and all elements are equal; at once, so the device must be readable synchronously. */
export const equal = operator<(self: Tensor, other: Tensor) => boolean>(
  "equal(self, other)",
  (self: Tensor, other: Tensor) => {
    checkOperands("equal", self, other, "none");
    return self.shape.join() === other.shape.join() && isTrue(all(eq(self, other)), "equal");
  },
);
