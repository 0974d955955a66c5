import { AutogradError, div, isTensor, noGrad, operator, stack, type Tensor, tensor } from "@kindling/autograd";
import type { Cut } from "../args.js";

type Parameters = Tensor | Iterable<Tensor>;

const gradsOf = (parameters: Parameters): Tensor[] =>
  (isTensor(parameters) ? [parameters] : [...parameters]).flatMap((p) => p.gradient ?? []);

type NormOptions = { normType?: number; errorIfNonfinite?: boolean };

/**
 * Scales the gradients of `parameters`, in place, so that their norm, taken over all of them together, is at most `maxNorm`;
 * returns the norm before. Nothing is read unless `errorIfNonfinite`, which throws where the norm is not finite.
 *
 * @example
 * loss.backward();
 * nn.utils.clipGradNorm_(net.parameters(), 3);
 * optimizer.step();
 */
export const clipGradNorm_ = operator<
  (
    parameters: Parameters,
    maxNorm: number,
    ...args: Cut<[normType: number, errorIfNonfinite: boolean], NormOptions>
  ) => Tensor
>(
  "clipGradNorm_(parameters, maxNorm, normType=2, errorIfNonfinite=false)",
  (parameters: Parameters, maxNorm: number, normType: number, errorIfNonfinite: boolean) => {
    const grads = gradsOf(parameters);
    if (grads.length === 0) return tensor(0);
    return noGrad(() => {
      const norms = grads.map((g) => g.norm(normType));
      const total = norms.length === 1 ? norms[0] : stack(norms).norm(normType);
      if (errorIfNonfinite && !Number.isFinite(total.item())) {
        throw new AutogradError(
          `The total norm of order ${normType} for gradients from \`parameters\` is non-finite, so it cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, set \`errorIfNonfinite: false\``,
          { normType },
        );
      }
      const factor = div(maxNorm, total.add(1e-6)).clampMax(1);
      for (const grad of grads) grad.mul_(factor);
      return total;
    });
  },
);

/** Limits each element of the gradients of `parameters`, in place, to ±clipValue. */
export const clipGradValue_ = operator<(parameters: Parameters, clipValue: number | { clipValue: number }) => void>(
  "clipGradValue_(parameters, clipValue)",
  (parameters: Parameters, clipValue: number) => {
    noGrad(() => {
      for (const grad of gradsOf(parameters)) grad.clamp_(-clipValue, clipValue);
    });
  },
);
