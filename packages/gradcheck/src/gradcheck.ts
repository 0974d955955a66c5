import { ArgumentError, isTensor, type Tensor } from "@kindling/autograd";
import { analyticalJacobians, checkMultiplied, checkUndefined } from "./analytical.js";
import type { Jacobian } from "./jacobian.js";
import { numericalJacobians } from "./numerical.js";
import { failures, GradcheckError } from "./report.js";

/** What is checked: a function of the inputs that gives a tensor, or several. */
// biome-ignore lint/suspicious/noExplicitAny: arguments and results are the function's own
export type GradcheckFunction = (...args: any[]) => any;

/** The arguments of the function; what is not a tensor is passed on as it is. */
export type GradcheckInputs = Tensor | readonly unknown[];

export interface GradcheckOptions {
  /** Step of the finite differences (1e-6). */
  eps?: number;
  /** Absolute tolerance (1e-5). */
  atol?: number;
  /** Relative tolerance (1e-3). */
  rtol?: number;
  /** Throw where the check fails (the default), or return false. */
  raiseException?: boolean;
  /** By how much two backward passes over the same graph may differ (0). */
  nondetTol?: number;
  /** Also check that outputs without a gradient count as outputs with a gradient of zero (true). */
  checkUndefinedGrad?: boolean;
  /** Also check that gradients have the dtype of their inputs (false). */
  checkGradDtypes?: boolean;
}

const defaults: Required<GradcheckOptions> = {
  eps: 1e-6,
  atol: 1e-5,
  rtol: 1e-3,
  raiseException: true,
  nondetTol: 0,
  checkUndefinedGrad: true,
  checkGradDtypes: false,
};

/** `given` over `known`. @throws ArgumentError for an option that is not known. */
export function withDefaults<T extends object>(name: string, known: T, given: Partial<T>): T {
  const options = { ...known };
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(known, key)) {
      throw new ArgumentError(
        `${name}() got an unexpected keyword argument '${key}' (it knows ${Object.keys(known).join(", ")})`,
        { argument: key },
      );
    }
    if (value !== undefined) options[key as keyof T] = value as T[keyof T];
  }
  return options;
}

export const asArray = (inputs: GradcheckInputs): readonly unknown[] => (isTensor(inputs) ? [inputs] : inputs);

/** The results of `fn` that are differentiated. */
export const differentiable = (result: unknown): Tensor[] => outputsOf(result).filter((o) => o.requiresGrad);

/** Tensors among the results of `fn`. @throws ArgumentError where it gave neither a tensor nor an array. */
function outputsOf(result: unknown): Tensor[] {
  if (isTensor(result)) return [result];
  if (Array.isArray(result)) return result.filter(isTensor);
  const got = result === null ? "null" : typeof result;
  throw new ArgumentError(`gradcheck expects a function that returns a tensor or an array of tensors, but got ${got}`);
}
const floating = (outputs: readonly Tensor[]): Tensor[] => outputs.filter((o) => o.isFloatingPoint());

/**
 * Holds the derivatives of `fn` against central differences, for all inputs that require a gradient. The defaults are made for
 * float64.
 *
 * `gradcheck((a, n) => KillHead.apply(a, n), [x, 4], { eps: 1e-6, atol: 1e-4 })`
 *
 * @returns true where |analytical − numerical| ≤ atol + rtol·|numerical| for every element of every Jacobian
 * @throws GradcheckError that shows both Jacobians, or says what else is wrong (with `raiseException: false` it returns false)
 * @throws ArgumentError where no input requires a gradient, or one overlaps itself
 */
export function gradcheck(fn: GradcheckFunction, inputs: GradcheckInputs, options: GradcheckOptions = {}): boolean {
  const settings = withDefaults("gradcheck", defaults, options);
  try {
    check(fn, asArray(inputs), settings);
    return true;
  } catch (error) {
    if (error instanceof GradcheckError && !settings.raiseException) return false;
    throw error;
  }
}

function check(fn: GradcheckFunction, args: readonly unknown[], options: Required<GradcheckOptions>): void {
  const inputs = checkInputs(args);
  const all = outputsOf(fn(...args));
  const outputs = all.filter((o) => o.requiresGrad);
  const numerical = inputs.map((x) => numericalJacobians(() => floating(outputsOf(fn(...args))), x, options.eps));
  if (outputs.length === 0) {
    checkConstant(numerical);
    return;
  }
  const positions = floating(all).flatMap((o, i) => (o.requiresGrad ? [i] : []));
  outputs.forEach((output, o) => {
    const analytical = analyticalJacobians(output, o, inputs, options.nondetTol, options.checkGradDtypes);
    analytical.forEach((a, i) => {
      const n = numerical[i][positions[o]];
      if (!a.isCloseTo(n, options.rtol, options.atol)) throw failures.mismatch(o, i, n, a);
    });
  });
  checkMultiplied(outputs, inputs);
  if (options.checkUndefinedGrad) checkUndefined(() => differentiable(fn(...args)), outputs.length, inputs);
}

/** Without a differentiable output nothing may depend on the inputs. */
function checkConstant(numerical: readonly (readonly Jacobian[])[]): void {
  numerical.forEach((jacobians, i) => {
    jacobians.forEach((jacobian, o) => {
      if (jacobian.values.some((x) => x !== 0)) throw failures.notZero(o, i);
    });
  });
}

/** The inputs that require a gradient. */
function checkInputs(args: readonly unknown[]): Tensor[] {
  const inputs: Tensor[] = [];
  let narrow = -1;
  args.forEach((arg, i) => {
    if (!isTensor(arg) || !arg.requiresGrad) return;
    if (arg.dtype !== "float64" && narrow < 0) narrow = i;
    if (arg.strides.some((step, d) => step === 0 && arg.shape[d] > 1)) {
      throw new ArgumentError(
        `The ${i}th input has a dimension with stride 0. gradcheck only supports inputs that are non-overlapping to be able ` +
          "to compute the numerical gradients correctly. You should call .contiguous on the input before passing it to gradcheck.",
        { input: i, strides: arg.strides },
      );
    }
    inputs.push(arg);
  });
  if (inputs.length === 0) {
    throw new ArgumentError(
      "gradcheck expects at least one input tensor to require gradient, but none of the them have requiresGrad=true.",
    );
  }
  if (narrow >= 0) {
    // biome-ignore lint/suspicious/noConsole: a warning of the user's own check, as PyTorch gives it
    console.warn(
      `Input #${narrow} requires gradient and is not a double precision floating point or complex. ` +
        "This check will likely fail if all the inputs are not of double precision floating point or complex. ",
    );
  }
  return inputs;
}
