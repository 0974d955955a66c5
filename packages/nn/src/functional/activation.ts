import {
  ArgumentError,
  type DType,
  erf,
  isGradEnabled,
  logSoftmax as logSoftmaxAlong,
  operator,
  relu as reluOf,
  sigmoid as sigmoidOf,
  softmax as softmaxAlong,
  softmin as softminAlong,
  type Tensor,
  tanh as tanhOf,
  where,
  zeros,
} from "@kindling/autograd";
import type { Cut } from "../args.js";

type InPlace = { inplace?: boolean };

/** `f(input)`, written into `input` if asked for. */
export function overwriting(inplace: boolean, input: Tensor, f: (x: Tensor) => Tensor): Tensor {
  if (!inplace) return f(input);
  return input.copy_(f(isGradEnabled() && input.requiresGrad ? input.clone() : input));
}

type Simple = (input: Tensor, ...args: Cut<[inplace: boolean], InPlace>) => Tensor;

/** `max(x, 0)`. */
export const relu = operator<Simple>("relu(input, inplace=false)", (input: Tensor, inplace: boolean) =>
  inplace ? input.relu_() : reluOf(input),
);

/** `x` where positive, else `negativeSlope · x`. */
export const leakyRelu = operator<
  (
    input: Tensor,
    ...args: Cut<[negativeSlope: number, inplace: boolean], { negativeSlope?: number } & InPlace>
  ) => Tensor
>("leakyRelu(input, negativeSlope=0.01, inplace=false)", (input: Tensor, slope: number, inplace: boolean) =>
  overwriting(inplace, input, (x) => where(x.gt(0), x, x.mul(slope))),
);

/** `x` where positive, else `alpha · (eˣ − 1)`. */
export const elu = operator<
  (input: Tensor, ...args: Cut<[alpha: number, inplace: boolean], { alpha?: number } & InPlace>) => Tensor
>("elu(input, alpha=1, inplace=false)", (input: Tensor, alpha: number, inplace: boolean) =>
  overwriting(inplace, input, (x) => where(x.gt(0), x, x.clampMax(0).expm1().mul(alpha))),
);

/**
 * `x · Φ(x)`, Φ the distribution function of the normal distribution; `approximate: "tanh"` computes
 * `x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))` instead.
 */
export const gelu = operator<(input: Tensor, options?: { approximate?: "none" | "tanh" }) => Tensor>(
  'gelu(input, *, approximate="none")',
  (x: Tensor, approximate: string) => {
    if (approximate === "none") return x.mul(0.5).mul(erf(x.mul(Math.SQRT1_2)).add(1));
    if (approximate !== "tanh")
      throw new ArgumentError("approximate argument must be either none or tanh.", { approximate });
    const inner = x
      .mul(x)
      .mul(x)
      .mul(0.044715)
      .add(x)
      .mul(Math.sqrt(2 / Math.PI));
    return x.mul(0.5).mul(tanhOf(inner).add(1));
  },
);

/** `x · sigmoid(x)`. */
export const silu = operator<Simple>("silu(input, inplace=false)", (input: Tensor, inplace: boolean) =>
  overwriting(inplace, input, (x) => x.mul(sigmoidOf(x))),
);

/** `log(1 + e^(beta · x)) / beta`; where `beta · x` exceeds `threshold`, which is then as good, `x` itself. */
export const softplus = operator<
  (input: Tensor, ...args: Cut<[beta: number, threshold: number], { beta?: number; threshold?: number }>) => Tensor
>("softplus(input, beta=1, threshold=20)", (x: Tensor, beta: number, threshold: number) => {
  const scaled = beta === 1 ? x : x.mul(beta);
  const smooth = scaled.clampMax(threshold).exp().log1p();
  return where(scaled.gt(threshold), x, beta === 1 ? smooth : smooth.div(beta));
});

/** `1 / (1 + e⁻ˣ)`. */
export const sigmoid = (input: Tensor): Tensor => sigmoidOf(input);
/** Hyperbolic tangent. */
export const tanh = (input: Tensor): Tensor => tanhOf(input);

/** `log(sigmoid(x))`, without overflow. */
export function logsigmoid(input: Tensor): Tensor {
  const zero = zeros([], { dtype: input.dtype, device: input.device });
  return input.minimum(zero).sub(input.abs().neg().exp().log1p());
}

type Bounds = { minVal?: number; maxVal?: number } & InPlace;

/** `x` limited to [minVal, maxVal]; at the bounds the gradient is 0. */
export const hardtanh = operator<
  (input: Tensor, ...args: Cut<[minVal: number, maxVal: number, inplace: boolean], Bounds>) => Tensor
>(
  "hardtanh(input, minVal=-1, maxVal=1, inplace=false)",
  (input: Tensor, minVal: number, maxVal: number, inplace: boolean) =>
    overwriting(inplace, input, (x) => {
      const outside = x.le(minVal).logicalOr(x.ge(maxVal));
      return where(outside, x.detach().clamp(minVal, maxVal).to(x.dtype), x);
    }),
);

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
