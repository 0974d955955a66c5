import { type DType, isFloat, state, type View, wrapDim } from "@kindling/storage";
import { operator } from "../args.js";
import { expanded, fastResult, rawBinary, rawCopy, rawReduce, rawUnary } from "../dispatch.js";
import type { Derivative } from "../node.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { exp, mul, sub } from "./pointwise.js";
import { sum } from "./reduction.js";
import { to } from "./shape.js";
import { expectTensor, unsupported } from "./table.js";
import { reshape } from "./views.js";

type SoftmaxOptions = { dim?: number; dtype?: DType | null };
type Softmax = (self: Tensor, dim: number | SoftmaxOptions, options?: SoftmaxOptions) => Tensor;

declare module "@kindling/storage" {
  interface FastPaths {
    /** `out` = `eᵃ / Σ eᵃ` along `dim`; `out` is contiguous. */
    softmax(out: View, a: View, dim: number): void;
    /** `out` = `a − log Σ eᵃ` along `dim`; `out` is contiguous. */
    logSoftmax(out: View, a: View, dim: number): void;
    /** The gradient of `a` from that of the softmax `y`: `out` = `y · (grad − Σ grad · y)`. */
    softmaxBackward(out: View, grad: View, y: View, dim: number): void;
    /** The gradient of `a` from that of the logarithm `y`: `out` = `grad − eʸ · Σ grad`. */
    logSoftmaxBackward(out: View, grad: View, y: View, dim: number): void;
  }
}

/** The gradient by the fast path, where the device has it and nothing is recorded. */
const fastGradient = (
  path: "softmaxBackward" | "logSoftmaxBackward",
  g: Tensor,
  y: Tensor,
  dim: number,
): Tensor | null =>
  state.gradEnabled || g.storage.dtype !== y.storage.dtype || y.numel() === 0 ? null : fastResult(path, y, g, y, dim);

const SOFTMAX: Derivative = {
  name: "SoftmaxBackward0",
  backward(node, g) {
    const y = node.saved(0);
    const fast = fastGradient("softmaxBackward", g, y, node.context as number);
    if (fast !== null) return fast;
    const weighted = mul(g, y);
    return sub(weighted, mul(y, sum(weighted, node.context as number, true)));
  },
};

const LOG_SOFTMAX: Derivative = {
  name: "LogSoftmaxBackward0",
  backward(node, g) {
    const y = node.saved(0);
    return (
      fastGradient("logSoftmaxBackward", g, y, node.context as number) ??
      sub(g, mul(exp(y), sum(g, node.context as number, true)))
    );
  },
};

/** `x − max x` along `dim`, outside the graph. */
function shifted(x: Tensor, dim: number): Tensor {
  const top = rawReduce("max", x, [dim]);
  return rawBinary("sub", x, expanded(top, x.shape), x.shape, x.dtype, x.storage.device);
}

function normalised(
  name: "softmax" | "logSoftmax",
  derivative: Derivative,
  compute: (x: Tensor, dim: number) => Tensor,
): Softmax {
  return operator<Softmax>(`${name}(self, dim, *, dtype=null)`, (self: Tensor, dim: number, dtype: DType | null) => {
    expectTensor(self, name);
    const d = wrapDim(dim, self.ndim);
    const x = dtype === null ? self : to(self, dtype);
    if (!isFloat(x.dtype)) throw unsupported(name, x.dtype);
    if (x.ndim === 0) return reshape(call(reshape(x, [1]), 0), []);
    return call(x, d);
  });

  function call(x: Tensor, dim: number): Tensor {
    const out = x.numel() === 0 ? rawCopy(x) : (fastResult(name, x, x, dim) ?? compute(x, dim));
    if (recording(x)) {
      const node = record(derivative, out, [x]);
      node.context = dim;
      node.save(out);
    }
    return out;
  }
}

/** `eˣ / Σ eˣ` along `dim`. */
export const softmax = normalised("softmax", SOFTMAX, (x, dim) => {
  const e = rawUnary("exp", shifted(x, dim));
  const total = rawReduce("sum", e, [dim]);
  e.storage.device.kernels.binary[e.dtype]("div", e, e, expanded(total, e.shape));
  return e;
});

/** `x − log Σ eˣ` along `dim`. */
export const logSoftmax = normalised("logSoftmax", LOG_SOFTMAX, (x, dim) => {
  const s = shifted(x, dim);
  const total = rawReduce("sum", rawUnary("exp", s), [dim]);
  const logTotal = rawUnary("log", total);
  s.storage.device.kernels.binary[s.dtype]("sub", s, s, expanded(logTotal, s.shape));
  return s;
});

/** `softmax(−x)`. */
export const softmin: Softmax = (self, dim, options) => softmax(mul(self, -1), dim, options);
