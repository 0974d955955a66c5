import { type KernelProvider, registerKernels } from "@kindling/storage";
import { activations } from "./activations.js";
import { convolution } from "./convolution.js";
import { copies } from "./copies.js";
import { embedding } from "./embedding.js";
import { found } from "./instance.js";
import { losses } from "./losses.js";
import { products } from "./matmul.js";
import { normalization } from "./normalization.js";
import { optimizers } from "./optimizers.js";
import { pointwise } from "./pointwise.js";
import { pooling } from "./pooling.js";
import { recurrent } from "./recurrent.js";
import { reductions } from "./reductions.js";
import { softmax } from "./softmax.js";
import { chooseThreads, warmUp } from "./threads.js";

/** The kernels of this package, family by family. */
export const wasmKernels: KernelProvider = {
  name: "wasm",
  kernels: {
    ...pointwise,
    ...copies,
    ...reductions,
    ...convolution,
    ...pooling,
    ...optimizers,
    ...products,
    ...recurrent,
    ...activations,
    ...losses,
    ...embedding,
    ...normalization,
    ...softmax,
  },
  get info() {
    return found();
  },
  warmUp,
};

export { limits } from "./limits.js";

chooseThreads();
registerKernels("cpu", wasmKernels, { priority: 10 });
