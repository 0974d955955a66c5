import { type DType, isFloat, wrapDim } from "@kindling/storage";
import { operator } from "../args.js";
import { expanded, rawBinary, rawCopy, rawReduce, rawUnary } from "../dispatch.js";
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

const SOFTMAX: Derivative = {
  name: "SoftmaxBackward0",
  backward(node, g) {
    const y = node.saved(0);
    const weighted = mul(g, y);
    return sub(weighted, mul(y, sum(weighted, node.context as number, true)));
  },
};

const LOG_SOFTMAX: Derivative = {
  name: "LogSoftmaxBackward0",
  backward: (node, g) => sub(g, mul(exp(node.saved(0)), sum(g, node.context as number, true))),
};

/** `x − max x` along `dim`, outside the graph. */
function shifted(x: Tensor, dim: number): Tensor {
  const top = rawReduce("max", x, [dim]);
  return rawBinary("sub", x, expanded(top, x.shape), x.shape, x.dtype, x.storage.device);
}

function normalised(name: string, derivative: Derivative, compute: (x: Tensor, dim: number) => Tensor): Softmax {
  return operator<Softmax>(`${name}(self, dim, *, dtype=null)`, (self: Tensor, dim: number, dtype: DType | null) => {
    expectTensor(self, name);
    const d = wrapDim(dim, self.ndim);
    const x = dtype === null ? self : to(self, dtype);
    if (!isFloat(x.dtype)) throw unsupported(name, x.dtype);
    if (x.ndim === 0) return reshape(call(reshape(x, [1]), 0), []);
    return call(x, d);
  });

  function call(x: Tensor, dim: number): Tensor {
    const out = x.numel() === 0 ? rawCopy(x) : compute(x, dim);
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
