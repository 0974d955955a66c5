import type { GradcheckOptions } from "@kindling/gradcheck";

/** An operator as the table sees it, whichever form it is called in. */
// biome-ignore lint/suspicious/noExplicitAny: operators of all signatures stand in one table
export type Operator = (...args: any[]) => any;

/** One call of an operator: tensors that require a gradient are differentiated, all else is passed on. */
export interface Case {
  readonly args: readonly unknown[];
  /** How the operator takes the arguments, where not simply in their order. */
  readonly call?: (op: Operator, args: readonly unknown[]) => unknown;
  readonly options?: GradcheckOptions;
  /** Whether the result hangs on digits that float32 has not, such as the rank of a product. */
  readonly float64?: boolean;
}

/** A call with these arguments. */
export const call = (...args: unknown[]): Case => ({ args });

/** A call that takes its tensors as a list, followed by `rest`. */
export const list = (tensors: readonly unknown[], ...rest: unknown[]): Case => ({
  args: tensors,
  call: (op, args) => op(args, ...rest),
});

/** A call that takes `first` before its tensors. */
export const after = (first: unknown, ...args: unknown[]): Case => ({
  args,
  call: (op, given) => op(first, ...given),
});

/** The cases of each operator, by its name. */
export type Table = Record<string, readonly Case[]>;
