import { isTensor, noGrad, type Tensor } from "@kindling/autograd";
import type { Model } from "./averaged-model.js";

/** A batch normalisation that keeps statistics. */
interface BatchNorm {
  momentum: number | null;
  running_mean: Tensor;
  running_var: Tensor;
  num_batches_tracked: Tensor;
}

const isBatchNorm = (module: object): module is BatchNorm => {
  const { running_mean, running_var, num_batches_tracked } = module as Partial<BatchNorm>;
  return isTensor(running_mean) && isTensor(running_var) && isTensor(num_batches_tracked) && "momentum" in module;
};

/**
 * Computes the running statistics of all batch normalisations anew, by one pass over data: those of averaged weights are
 * nobody's yet. A batch is a tensor, or an array that begins with one.
 * @param options.device where batches are moved first
 */
export async function updateBn(
  loader: Iterable<unknown> | AsyncIterable<unknown>,
  model: Pick<Model, "modules" | "forward" | "train" | "training">,
  options: { device?: string | null } = {},
): Promise<void> {
  const norms = model.modules().filter(isBatchNorm);
  if (norms.length === 0) return;
  const momenta = norms.map((norm) => norm.momentum);
  noGrad(() => {
    for (const norm of norms) {
      norm.running_mean.zero_();
      norm.running_var.fill_(1);
      norm.num_batches_tracked.zero_();
      norm.momentum = null; // the plain mean of all batches
    }
  });
  const { training } = model;
  model.train();
  try {
    for await (const batch of loader) {
      const input = (Array.isArray(batch) ? batch[0] : batch) as Tensor;
      noGrad(() => void model.forward(options.device ? input.to({ device: options.device }) : input));
    }
  } finally {
    norms.forEach((norm, i) => {
      norm.momentum = momenta[i];
    });
    model.train(training);
  }
}
