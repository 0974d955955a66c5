import { KindlingError } from "@kindling/autograd";
import type { Jacobian } from "./jacobian.js";

/** A derivative that did not stand the check. What failed is in its fields: `output`, `input`, `numerical`, `analytical`, … */
export class GradcheckError extends KindlingError {
  declare readonly output?: number;
  declare readonly input?: number;
}

const NONDETERMINISM =
  "\n\nNOTE: If your function relies on non-deterministic operations, this failure might be expected: " +
  "call gradcheck/gradgradcheck with `nondetTol` set to the difference you accept.";

/** Every text with which a check fails. */
export const failures = {
  mismatch(output: number, input: number, numerical: Jacobian, analytical: Jacobian): GradcheckError {
    return new GradcheckError(
      `Jacobian mismatch for output ${output} with respect to input ${input},\nnumerical:${numerical}\nanalytical:${analytical}\n`,
      { output, input, numerical: numerical.toTensor(), analytical: analytical.toTensor() },
    );
  },

  notReentrant(output: number, input: number, tolerance: number, difference: number): GradcheckError {
    const shown = Number.isInteger(tolerance) ? tolerance.toFixed(1) : String(tolerance);
    return new GradcheckError(
      "Backward is not reentrant, i.e., running backward with same input and gradOutput multiple times gives different " +
        "values, although analytical gradient matches numerical gradient." +
        `The tolerance for nondeterminism was ${shown}.${NONDETERMINISM}`,
      { output, input, difference },
    );
  },

  wrongSize: (input: number): GradcheckError => new GradcheckError("Analytical gradient has incorrect size", { input }),

  wrongDType: (input: number): GradcheckError => new GradcheckError("Gradient has dtype mismatch", { input }),

  notZero: (output: number, input: number): GradcheckError =>
    new GradcheckError("Numerical gradient for function expected to be zero", { output, input }),

  notMultiplied: (input: number): GradcheckError =>
    new GradcheckError("backward not multiplied by gradOutput", { input }),

  incorrectType: (input: number): GradcheckError => new GradcheckError("grad is incorrect type", { input }),

  incorrectSize: (input: number): GradcheckError => new GradcheckError("grad is incorrect size", { input }),

  undefinedThrows(cause: unknown): GradcheckError {
    return new GradcheckError(
      "Expected backward function to handle undefined output grads. " +
        "Gradients of outputs that nobody used arrive as null: treat them as zeros, or leave ctx.setMaterializeGrads at true.",
      { cause },
    );
  },

  undefinedNotZero: (input: number): GradcheckError =>
    new GradcheckError(
      "Expected all input grads to be undefined or zero when all output grads are undefined or zero.",
      { input },
    ),

  unstableOutput(what: "shape" | "dtype", index: readonly number[], eps: number, a: string, b: string): GradcheckError {
    return new GradcheckError(
      `Expected \`fn\` to return outputs with the same ${what} when inputs are perturbed on index (${index.join(", ")}) ` +
        `by ${eps}, but got: ${what}s ${a} and ${b}.`,
      { index, eps },
    );
  },
};
