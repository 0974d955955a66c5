import { type BinaryName, type DType, DTypeError, type UnaryName } from "@kindling/storage";
import { type Signature } from "../args.js";
import type { Derivative, Node } from "../node.js";
import { type Tensor } from "../tensor.js";
import { type Scalar } from "./promotion.js";
/** A tensor, or a number that counts as a 0-dimensional one. */
export type TensorOrScalar = Tensor | Scalar;
export declare const isScalar: (value: unknown) => value is Scalar;
export declare function expectTensor(value: unknown, operation: string, argument?: string): asserts value is Tensor;
/** What the derivative of a function `y = f(x)` reads. */
type Saves = "x" | "y" | "none";
/** A row of the table of functions of one argument. */
export interface UnaryRow extends Derivative {
    readonly operation: string;
    readonly kernel: UnaryName;
    readonly saves: Saves;
    /** Whether integers become float32 first. */
    readonly floating: boolean;
    /** Refuses dtypes that the kernel is not for. */
    readonly check?: (dtype: DType) => void;
    /** Whether bool stays as it is. */
    readonly keepsBool?: boolean;
}
/** A function of one argument, with the row that defines it. */
export type Unary = ((self: Tensor) => Tensor) & {
    readonly row: UnaryRow;
};
/**
 * Defines `y = f(x)` by its kernel and its derivative: `derive(g, v)` is the gradient of `x` from that of `y`,
 * `v` being what `saves` names.
 */
export declare function unary(operation: string, kernel: UnaryName, saves: Saves, derive: (g: Tensor, v: Tensor) => Tensor, options?: Partial<Pick<UnaryRow, "floating" | "check" | "keepsBool">>): Unary;
/** One of two arguments: its gradient. The formula sees the operands as they were saved, or the bare number. */
export interface Formula {
    /** Which of the operands `a`, `b` and the result `y` the formula reads. */
    readonly reads: string;
    readonly derive: (g: Tensor, a: TensorOrScalar, b: TensorOrScalar, y: Tensor) => Tensor;
}
/** The derivative of a function of two arguments; without a formula an argument has none. */
export interface PairDerivative extends Derivative {
    readonly a: Formula | null;
    readonly b: Formula | null;
}
export declare function pair(operation: string, a: Formula | null, b: Formula | null): PairDerivative;
/** A row of the table of functions of two arguments. */
export interface BinaryRow extends PairDerivative {
    readonly operation: string;
    readonly kernel: BinaryName;
    /** Dtype to compute in, from the promoted one; may refuse it. */
    readonly compute: (promoted: DType) => DType;
    /** Which of the operands may be a bare number. */
    readonly numbers: Numbers;
    /** Refuses values, given the dtype of the computation. */
    readonly check?: (dtype: DType, a: TensorOrScalar, b: TensorOrScalar) => void;
}
/** Which of two operands may be a bare number. */
export type Numbers = "none" | "second" | "either";
interface BinaryOptions {
    readonly compute?: BinaryRow["compute"];
    readonly numbers?: Numbers;
    readonly check?: BinaryRow["check"];
}
/** A function of two arguments, with the row that defines it. */
export type Binary = ((self: TensorOrScalar, other: TensorOrScalar) => Tensor) & {
    readonly row: BinaryRow;
};
/** Defines `y = f(a, b)` by its kernel and the gradients of `a` and `b`; without formulas it has no derivative. */
export declare function binary(operation: string, kernel: BinaryName, a: Formula | null, b: Formula | null, { compute, numbers, check }?: BinaryOptions): Binary;
/** Both operands, of which the second may be named in an options object. */
export declare function operands(sig: Signature, self: TensorOrScalar, other: TensorOrScalar, extra: unknown): readonly TensorOrScalar[];
/** The common dtype of two operands, of which one at least is a tensor. */
export declare function promoted(a: TensorOrScalar, b: TensorOrScalar): DType;
/** @throws ArgumentError where an operand is neither a tensor nor, where it may be, a number; one at least is a tensor. */
export declare function checkOperands(operation: string, a: unknown, b: unknown, numbers?: Numbers, second?: string): void;
/** `f(a, b)` of operands that were checked. */
export declare function applyBinary(row: BinaryRow, a: TensorOrScalar, b: TensorOrScalar): Tensor;
/** Of bool, a sum is the logical or and a product the logical and. */
export declare const logical: (kernel: BinaryName) => BinaryName;
/** Records `out = f(a, b)`, saving only what the derivatives of tracked operands read. */
export declare function recordBinary(row: PairDerivative, out: Tensor, a: TensorOrScalar, b: TensorOrScalar, ta: Tensor | null, tb: Tensor | null): Node;
export declare function saveOperands(row: PairDerivative, node: Node, a: TensorOrScalar, b: TensorOrScalar, ta: Tensor | null, tb: Tensor | null, out: Tensor): void;
/** The error of an operator that is not for a dtype. */
export declare const unsupported: (operation: string, dtype: DType) => DTypeError;
/** Refuses bool for the reason given. */
export declare const refuseBool: (operation: string, text: string) => (dtype: DType) => DType;
/** Refuses all but floating point dtypes. */
export declare function requireFloats(dtype: DType, operation: string): void;
/** Refuses floating point dtypes. */
export declare function requireIntegers(dtype: DType, operation: string): DType;
export {};
