import {
  ArgumentError,
  cat,
  type DType,
  emptyLike,
  isFloat,
  logSoftmax as logSoftmaxAlong,
  operator,
  ShapeError,
  softmax as softmaxAlong,
  softmin as softminAlong,
  type Tensor,
  unaryWith,
  zerosLike,
} from "@kindling/autograd";
import type { Cut } from "../args.js";

/*
 * Activations along one dimension.
 */

type SoftmaxArgs = Cut<[dim: number | null], { dim?: number | null; dtype?: DType | null }>;
type Along = (self: Tensor, dim: number, options?: { dtype?: DType | null }) => Tensor;

/** Without `dim`: the first dimension of tensors of 0, 1 and 3 dimensions, else the second. */
const implicitDim = (ndim: number): number => (ndim === 0 || ndim === 1 || ndim === 3 ? 0 : 1);

const along = (name: string, op: Along): ((input: Tensor, ...args: SoftmaxArgs) => Tensor) =>
  operator(`${name}(input, dim=null, *, dtype=null)`, (input: Tensor, dim: number | null, dtype: DType | null) =>
    op(input, dim ?? implicitDim(input.ndim), { dtype }),
  );

/** `eˣ / Σ eˣ` along `dim`. */
export const softmax = along("softmax", softmaxAlong);
/** `log(softmax(x))` along `dim`, without overflow. */
export const logSoftmax = along("logSoftmax", logSoftmaxAlong);
/** `softmax(−x)` along `dim`. */
export const softmin = along("softmin", softminAlong);

type GumbelOptions = { tau?: number; hard?: boolean; eps?: number; dim?: number };
/**
 * A sample of categories with the probabilities `softmax(logits)` along `dim`, as numbers that have a gradient: the softmax of noisy
 * `logits / tau`; or, with `hard`, one-hot, of which the gradient is that of the soft sample. Jang et al., "Categorical
 * Reparameterization with Gumbel-Softmax" (2017).
 */
export const gumbelSoftmax = operator<
  (logits: Tensor, ...args: Cut<[tau: number, hard: boolean, eps: number, dim: number], GumbelOptions>) => Tensor
>(
  "gumbelSoftmax(logits, tau=1, hard=false, eps=1e-10, dim=-1)",
  (logits: Tensor, tau: number, hard: boolean, _eps: number, dim: number) => {
    const noise = emptyLike(logits).exponential_().log().neg();
    const soft = softmaxAlong(logits.add(noise).div(tau), dim);
    if (!hard) return soft;
    const [, index] = soft.detach().max(dim, true);
    return zerosLike(logits.detach()).scatter_(dim, index, 1).sub(soft.detach()).add(soft);
  },
);

/** The two halves along `dim`. */
function halves(x: Tensor, dim: number): readonly Tensor[] {
  if (x.ndim === 0) throw new ShapeError("glu does not support 0-dimensional tensors", { shape: x.shape });
  const size = x.size(dim);
  if (size % 2 !== 0) {
    const d = dim < 0 ? dim + x.ndim : dim;
    throw new ShapeError(`Halving dimension must be even, but dimension ${d} is size ${size}`, { shape: x.shape, dim });
  }
  return [x.narrow(dim, 0, size / 2), x.narrow(dim, size / 2, size / 2)];
}

/** `a · sigmoid(b)` of the two halves `a`, `b` of `input` along `dim`. */
export const glu = unaryWith<Cut<[dim: number], { dim?: number }>>(
  "glu(input, dim=-1)",
  (x, dim: number) => {
    const [a, b] = halves(x, dim);
    return a.mul(b.sigmoid());
  },
  "x",
  (g, x, dim: number) => {
    const [a, b] = halves(x, dim);
    const gate = b.sigmoid();
    const own = g.mul(gate);
    return cat([own, own.mul(a).mul(gate.rsub(1))], dim);
  },
  {
    floating: false,
    check(dtype) {
      if (!isFloat(dtype)) throw new ArgumentError(`[glu] is for floating point tensors, got ${dtype}`, { dtype });
    },
  },
);
