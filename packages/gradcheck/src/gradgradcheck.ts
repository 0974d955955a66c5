import { autograd, isTensor, rand, type Tensor } from "@kindling/autograd";
import {
  asArray,
  differentiable,
  type GradcheckFunction,
  type GradcheckInputs,
  type GradcheckOptions,
  gradcheck,
} from "./gradcheck.js";

export interface GradgradcheckOptions extends GradcheckOptions {
  /** Gradients of the outputs; random ones where absent. */
  gradOutputs?: Tensor | readonly Tensor[] | null;
  /** Whether random gradients are made with gaps in memory (false). */
  genNonContigGradOutputs?: boolean;
}

/**
 * Holds the derivatives of `fn`'s derivatives against central differences: `gradcheck` of the function that maps the inputs and the
 * gradients of the outputs to the gradients of the inputs.
 * @param gradOutputs gradients of the outputs; by default drawn uniformly from [−1, 1) by the default generator
 * @returns true; or throws, as `gradcheck` does
 */
export function gradgradcheck(
  fn: GradcheckFunction,
  inputs: GradcheckInputs,
  gradOutputs?: Tensor | readonly Tensor[] | null | GradgradcheckOptions,
  options?: GradgradcheckOptions,
): boolean {
  const isList = Array.isArray(gradOutputs) || isTensor(gradOutputs) || gradOutputs == null;
  const given = (isList ? options : (gradOutputs as GradgradcheckOptions)) ?? {};
  const { gradOutputs: named, genNonContigGradOutputs = false, ...checks } = given;
  const grads = (isList ? gradOutputs : null) ?? named ?? null;

  const args = asArray(inputs);
  const starts =
    grads === null ? drawn(differentiable(fn(...args)), genNonContigGradOutputs) : asArray(grads as Tensor);
  const isInput = args.map((a) => isTensor(a) && a.requiresGrad);
  const gradients = (...all: unknown[]): Tensor[] => {
    const given = all.slice(0, args.length);
    const outputs = differentiable(fn(...given));
    return autograd
      .grad(outputs, given.filter((_, i) => isInput[i]) as Tensor[], {
        gradOutputs: all.slice(args.length) as Tensor[],
        createGraph: true,
        allowUnused: true,
      })
      .filter((g) => g !== null);
  };
  return gradcheck(gradients, [...args, ...starts], checks);
}

/** Random gradients that look like the outputs. */
function drawn(outputs: readonly Tensor[], gaps: boolean): Tensor[] {
  return outputs.map(({ shape, dtype, device }) => {
    const size = gaps ? [...shape, 2] : shape;
    const wide = rand(size, { dtype, device }).mul(2).sub(1);
    return (gaps ? wide.select(-1, 0) : wide).requiresGrad_();
  });
}
