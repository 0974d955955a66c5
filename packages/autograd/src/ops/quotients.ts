import { ArgumentError, type DType, dtypeInfo, isFloat } from "@kindling/storage";
import { rawCompare } from "../dispatch.js";
import { hostValues } from "../read.js";
import { isTensor, type Tensor } from "../tensor.js";
import { eq, gt, lt, ne } from "./compare.js";
import { zerosLike } from "./creation.js";
import { any } from "./extremes.js";
import { applyBinary, type Binary, binary, type Formula } from "./pair-table.js";
import { abs, add, bitwiseAnd, bitwiseXor, div, floor, mul, neg, sub, trueDivide, trunc } from "./pointwise.js";
import { to } from "./shape.js";
import { isScalar, type TensorOrScalar, unsupported } from "./table.js";
import { where } from "./where.js";

/*
 * Whole quotients, remainders and divisors.
 */

/** Refuses bool, which has no quotients. */
export function requireNumbers(operation: string): (dtype: DType) => DType {
  return (dtype) => {
    if (dtype === "bool") throw unsupported(operation, dtype);
    return dtype;
  };
}

/** Refuses division of integers by zero, where the device lets the divisors be read at once. */
function refuseZeros(dtype: DType, _a: TensorOrScalar, b: TensorOrScalar): void {
  if (isFloat(dtype)) return;
  const zero = isScalar(b)
    ? Number(b) === 0
    : b.storage.device.backend.readSync !== undefined &&
      (hostValues(rawCompare("eq", b, 0, b.shape, b.dtype, b.storage.device), "div") as Uint8Array).includes(1);
  if (zero) throw new ArgumentError("ZeroDivisionError", { dtype });
}

const PASS: Formula = { reads: "", derive: (g) => g };
/** Steps have slope 0. */
const STEP: Formula = { reads: "", derive: (g) => zerosLike(g) };

/** The remainder of division rounded towards zero: it has the sign of `a`. */
export const fmod = binary(
  "fmod",
  "fmod",
  PASS,
  { reads: "ab", derive: (g, a, b) => neg(mul(g, trunc(div(a, b)))) },
  { numbers: "second", compute: requireNumbers("fmod"), check: refuseZeros, overloads: [1, 0, 0] },
);

const integerDivide = binary("div", "div", null, null);
/** The remainder by truncation, of operands of which either may be a number. */
const rest = (a: TensorOrScalar, b: TensorOrScalar): Tensor => applyBinary(fmod.row, a, b);
/** Operands come in one dtype. */
const isWhole = (a: TensorOrScalar, b: TensorOrScalar): boolean => !isFloat((isTensor(a) ? a : (b as Tensor)).dtype);

/** Where rounding towards zero rounded up: there is a remainder, and its sign is not the divisor's. */
function borrows(a: TensorOrScalar, b: TensorOrScalar, left = rest(a, b)): Tensor {
  return bitwiseAnd(ne(left, 0), bitwiseXor(lt(left, 0), isScalar(b) ? Number(b) < 0 : lt(b, 0)));
}

/** `⌊a / b⌋` as Python computes it: from the exact remainder, so that it is right where `a / b` rounds up to a whole number. */
function floorQuotient(a: TensorOrScalar, b: TensorOrScalar): Tensor {
  if (isWhole(a, b)) {
    const quotient = integerDivide(a, b);
    return sub(quotient, to(borrows(a, b), quotient.dtype));
  }
  const quotient = trueDivide(a, b);
  const left = rest(a, b);
  const exact = trueDivide(sub(a, left), b);
  const lowered = sub(exact, to(borrows(a, b, left), exact.dtype));
  const low = floor(lowered);
  const whole = add(low, to(gt(sub(lowered, low), 0.5), low.dtype));
  if (isScalar(b)) return Number(b) === 0 ? quotient : whole;
  return where(eq(b, 0), quotient, whole);
}

const whole = (operation: string, quotient: (a: TensorOrScalar, b: TensorOrScalar) => Tensor): Binary =>
  binary(operation, quotient, STEP, STEP, {
    compute: requireNumbers(operation),
    check: refuseZeros,
    overloads: [2, 3, 3],
  });

/** `self / other` to whole numbers, by how they are rounded. */
export const roundedQuotients: Record<string, Binary> = {
  floor: whole("div", floorQuotient),
  trunc: whole("div", (a, b) => (isWhole(a, b) ? integerDivide(a, b) : trunc(trueDivide(a, b)))),
};

/** `⌊self / other⌋`. */
export const floorDivide = whole("floorDivide", floorQuotient);

/** The remainder of division rounded down: it has the sign of `other`. */
export const remainder = binary(
  "remainder",
  (a, b) => {
    const left = rest(a, b);
    return where(borrows(a, b, left), add(left, b), left);
  },
  PASS,
  { reads: "ab", derive: (g, a, b) => neg(mul(g, floorDivide(a, b))) },
  { compute: requireNumbers("remainder"), check: refuseZeros, overloads: [1, 1, 0] },
);

/** Refuses all but integers. */
const integers = (operation: string) => (dtype: DType) => {
  if (isFloat(dtype) || dtype === "bool") throw unsupported(operation, dtype);
  return dtype;
};

/** Euclid's algorithm on all elements at once; where the device can be read it stops when the last one is done. */
function divisor(a: Tensor, b: Tensor): Tensor {
  const most = Math.ceil(dtypeInfo[a.dtype].bytes * 8 * 1.45); // consecutive Fibonacci numbers take longest
  const readable = a.storage.device.backend.readSync !== undefined;
  let [x, y] = [add(a, mul(b, 0)), b];
  for (let i = 0; i < most; i++) {
    const going = ne(y, 0);
    if (readable && !any(going).item()) break;
    [x, y] = [where(going, y, x), where(going, rest(x, where(going, y, 1)), 0)];
  }
  return abs(x);
}

/** The greatest common divisor; of 0 and 0 it is 0. */
export const gcd = binary("gcd", (a, b) => divisor(a as Tensor, b as Tensor), null, null, {
  numbers: "none",
  compute: integers("gcd"),
});

/** The least common multiple; 0 where either is 0. */
export const lcm = binary(
  "lcm",
  (a, b) => {
    const common = divisor(a as Tensor, b as Tensor);
    return abs(mul(integerDivide(a, where(eq(common, 0), 1, common)), b));
  },
  null,
  null,
  { numbers: "none", compute: integers("lcm") },
);

/** @throws ArgumentError for a rounding mode that does not exist */
export function roundedDivide(a: TensorOrScalar, b: TensorOrScalar, mode: unknown): Tensor {
  if (mode === null) return trueDivide(a, b);
  const divide = roundedQuotients[mode as string];
  if (divide === undefined) {
    throw new ArgumentError(
      `div expected roundingMode to be one of null, 'trunc', or 'floor' but found '${String(mode)}'`,
      { roundingMode: mode },
    );
  }
  return divide(a, b);
}
