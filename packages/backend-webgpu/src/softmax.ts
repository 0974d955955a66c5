import type { View } from "@kindling/storage";
import { overRows } from "./rows.js";

/* Softmax and its logarithm: fast paths of autograd/src/ops/softmax.ts. */

const forward = (name: string, result: string) => ({
  run(out: View, a: View, dim: number): void {
    overRows({
      name,
      dtype: out.storage.dtype,
      views: { out, a },
      dim,
      reductions: [
        { name: "top", step: "max", of: "a" },
        { name: "total", step: "sum", of: "exp(a - top)" },
      ],
      result,
    });
  },
});

const backward = (name: string, sum: string, result: string) => ({
  run(out: View, grad: View, y: View, dim: number): void {
    overRows({
      name,
      dtype: out.storage.dtype,
      views: { out, grad, y },
      dim,
      reductions: [{ name: "total", step: "sum", of: sum }],
      result,
    });
  },
});

export const softmaxes = {
  softmax: { float32: forward("softmax", "exp(a - top) / total") },
  logSoftmax: { float32: forward("logSoftmax", "a - top - log(total)") },
  softmaxBackward: { float32: backward("softmaxBackward", "grad * y", "y * (grad - total)") },
  logSoftmaxBackward: { float32: backward("logSoftmaxBackward", "grad", "grad - exp(y) * total") },
};
