import type { KernelProvider } from "@kindling/storage";
import { activationPaths } from "./activations.js";
import { convolution } from "./convolution-paths.js";
import { embeddings } from "./embedding.js";
import { losses } from "./losses.js";
import { matmulBias } from "./matmul.js";
import { normalizations } from "./normalization.js";
import { optimizers } from "./optimizers.js";
import { pooling } from "./pooling.js";
import { random } from "./random.js";
import { recurrent } from "./recurrent.js";
import { softmaxes } from "./softmax.js";

/** Kernels beyond the required ones. They find their runtime by `runtimeOf` of a view. */
export const fastPaths: KernelProvider = {
  name: "webgpu",
  kernels: {
    ...convolution,
    ...softmaxes,
    ...normalizations,
    ...activationPaths,
    ...optimizers,
    ...losses,
    ...embeddings,
    ...pooling,
    ...recurrent,
    ...random,
    matmulBias: { float32: matmulBias, float16: matmulBias },
  } as KernelProvider["kernels"],
};
