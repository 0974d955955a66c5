import { ArgumentError, type DType, DTypeError, isFloat } from "@kindling/autograd";
import type { Combination } from "./mpi.js";

/** How elements of several ranks become one. `AVG` is for floating point only; bool knows or (`SUM`, `MAX`) and and (`PRODUCT`, `MIN`). */
export const ReduceOp = { SUM: "sum", AVG: "avg", PRODUCT: "product", MIN: "min", MAX: "max" } as const;

/** One of `ReduceOp`'s values. */
export type ReduceOp = (typeof ReduceOp)[keyof typeof ReduceOp];

const ofBool = { sum: "max", max: "max", product: "min", min: "min" } as const;

/**
 * What MPI does for an operation on a dtype. It has no mean: that is a sum, and divided afterwards.
 * @throws ArgumentError, DTypeError
 */
export function combinationOf(name: string, op: ReduceOp, dtype: DType): Combination {
  if (!Object.values(ReduceOp).includes(op)) {
    throw new ArgumentError(
      `[${name}] op must be one of ReduceOp's ${Object.keys(ReduceOp).join(", ")}, but got ${op}`,
      { op },
    );
  }
  if (op === "avg") {
    if (!isFloat(dtype)) {
      throw new DTypeError(`[${name}] ReduceOp.AVG needs a floating point dtype, but got ${dtype}`, { dtype });
    }
    return "sum";
  }
  return dtype === "bool" ? ofBool[op] : op;
}
