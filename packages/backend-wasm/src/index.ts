import { type KernelProvider, registerKernels } from "@kindling/storage";
import { convolution } from "./convolution.js";
import { found } from "./instance.js";
import { products } from "./matmul.js";
import { normalization } from "./normalization.js";
import { optimizers } from "./optimizers.js";
import { pointwise } from "./pointwise.js";
import { recurrent } from "./recurrent.js";
import { softmax } from "./softmax.js";
import { chooseThreads, warmUp } from "./threads.js";

/** The kernels of this package. A later family adds its names. */
export const wasmKernels: KernelProvider = {
  name: "wasm",
  kernels: {
    ...pointwise,
    ...convolution,
    ...optimizers,
    ...products,
    ...recurrent,
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
