import {
  ArgumentError,
  backendInfo,
  copyForm,
  DTypeError,
  empty,
  emptyLike,
  erf,
  hardshrink,
  isFloat,
  onesLike,
  operator,
  prelu,
  relu as reluOf,
  sigmoid as sigmoidOf,
  type Tensor,
  tanh as tanhOf,
  type Unary,
  unaryForm,
  unaryWith,
  where,
} from "@kindling/autograd";
import type { Cut } from "../args.js";

/*
 * Activations, element by element. Each is a row: its settings, what it computes, and the derivative from what it was given.
 * Those that PyTorch has an `inplace` flag for take it as last argument, and have a form with a trailing underscore.
 */

export { hardshrink, prelu };

// biome-ignore lint/suspicious/noExplicitAny: settings are typed where the row is written
type Kernel = (x: Tensor, ...settings: any[]) => Tensor;
// biome-ignore lint/suspicious/noExplicitAny: settings are typed where the row is written
type Slope = (g: Tensor, x: Tensor, ...settings: any[]) => Tensor;
type Row = Unary<unknown[]>;

function requireFloat(dtype: Tensor["dtype"], name: string): void {
  if (!isFloat(dtype)) throw new DTypeError(`[${name}] is for floating point tensors, got ${dtype}`, { dtype });
}

/** `y = f(x)` and the gradient of `x` from that of `y`. */
const row = (text: string, kernel: Kernel, slope: Slope, { name, fast }: { name?: string; fast?: true } = {}): Row =>
  unaryWith<unknown[]>(text, kernel, "x", slope, {
    floating: false,
    ...(fast && { fast }),
    check: (dtype) => requireFloat(dtype, text.slice(0, text.indexOf("("))),
    ...(name && { name }),
  });

type InPlace = { inplace?: boolean };
type Settings<P extends unknown[], O> = (input: Tensor, ...args: Cut<P, O>) => Tensor;
type Overwriting<P extends unknown[] = [], O = unknown> = Settings<[...P, inplace: boolean], O & InPlace>;

/** The row with PyTorch's `inplace` flag behind its settings. */
function overwriting<P extends unknown[] = [], O = unknown>(of: Row): Overwriting<P, O> {
  const form = unaryForm(of);
  const text = of.row.text.replace(/\)$/, ", inplace=false)");
  return operator<Overwriting<P, O>>(text, (input: Tensor, ...settings: unknown[]) =>
    settings.pop() ? form(input, ...settings) : of(input, ...settings),
  );
}

// --------------------------------------------------------------------------------------------- piecewise linear

type Simple = Overwriting;

/** `max(x, 0)`. */
export const relu = operator<Simple>("relu(input, inplace=false)", (input: Tensor, inplace: boolean) =>
  inplace ? input.relu_() : reluOf(input),
);

const leakyReluRow = row(
  "leakyRelu(input, negativeSlope=0.01)",
  (x, slope: number) => where(x.gt(0), x, x.mul(slope)),
  (g, x, slope: number) => where(x.gt(0), g, g.mul(slope)),
);
/** `x` where positive, else `negativeSlope · x`. */
export const leakyRelu = overwriting<[negativeSlope: number], { negativeSlope?: number }>(leakyReluRow);

const hardtanhRow = unaryWith<unknown[]>(
  "hardtanh(input, minVal=-1, maxVal=1)",
  (x, minVal: number, maxVal: number) => x.clamp(minVal, maxVal).to(x.dtype),
  "x",
  (g, x, minVal: number, maxVal: number) => where(x.le(minVal).logicalOr(x.ge(maxVal)), 0, g),
  { floating: false },
);
/** `x` limited to [minVal, maxVal]; at the bounds the gradient is 0. */
export const hardtanh = overwriting<[minVal: number, maxVal: number], { minVal?: number; maxVal?: number }>(
  hardtanhRow,
);

/** `x` limited to [0, 6]. */
export const relu6 = operator<Simple>("relu6(input, inplace=false)", (input: Tensor, inplace: boolean) =>
  hardtanh(input, 0, 6, inplace),
);

/** `x` limited to [−3, 3], as a number in [0, 1]. */
export const hardsigmoid = overwriting(
  row(
    "hardsigmoid(input)",
    (x) => x.add(3).clamp(0, 6).div(6),
    (g, x) => where(x.abs().lt(3), g.div(6), 0),
  ),
);

/** `x · hardsigmoid(x)`. */
export const hardswish = overwriting(
  row(
    "hardswish(input)",
    (x) => x.mul(x.add(3).clamp(0, 6)).div(6),
    (g, x) => where(x.lt(-3), 0, where(x.le(3), g.mul(x.div(3).add(0.5)), g)),
  ),
);

const thresholdRow = unaryWith<unknown[]>(
  "threshold(input, threshold, value)",
  (x, threshold: number, value: number) => where(x.le(threshold), isFloat(x.dtype) ? value : Math.trunc(value), x),
  "x",
  (g, x, threshold: number) => where(x.le(threshold), 0, g),
  { floating: false },
);
/** `x` where it exceeds `threshold`, else `value`. */
export const threshold = operator<
  (
    input: Tensor,
    ...args:
      | [threshold: number, value: number, inplace?: boolean | InPlace]
      | [threshold: number, options: { value: number } & InPlace]
      | [options: { threshold: number; value: number } & InPlace]
  ) => Tensor
>(
  "threshold(input, threshold, value, inplace=false)",
  (input: Tensor, limit: number, value: number, inplace: boolean) =>
    inplace ? threshold_(input, limit, value) : thresholdRow(input, limit, value),
);

const softshrinkRow = row(
  "softshrink(input, lambd=0.5)",
  (x, lambd: number) => where(x.gt(lambd), x.sub(lambd), where(x.lt(-lambd), x.add(lambd), 0)),
  (g, x, lambd: number) => where(x.abs().le(lambd), 0, g),
);
/**
 * `x` moved towards 0 by `lambd`, at most to 0.
 * @throws ArgumentError for a negative `lambd`
 */
export const softshrink = operator<Settings<[lambd: number], { lambd?: number }>>(
  "softshrink(input, lambd=0.5)",
  (input: Tensor, lambd: number) => {
    if (lambd < 0) {
      throw new ArgumentError(`lambda must be greater or equal to 0, but found to be ${lambd}.`, { lambd });
    }
    return softshrinkRow(input, lambd);
  },
);

/** `x · noise`, where noise is 1 of positive elements. */
const rreluRow = unaryWith<unknown[]>(
  "rrelu(input, noise)",
  (x, noise: Tensor | number) => where(x.gt(0), x, x.mul(noise)),
  "x",
  (g, x, noise: Tensor | number) => where(x.gt(0), g, g.mul(noise)),
  { floating: false, name: "RreluWithNoiseBackward0", check: (dtype) => requireFloat(dtype, "rrelu") },
);

/** A slope for each element that is not positive, drawn in their order; on devices that cannot be read, one for every element. */
function drawnSlopes(input: Tensor, lower: number, upper: number): Tensor {
  const { dtype, device } = input;
  if (!backendInfo(device).syncRead) return emptyLike(input).uniform_(lower, upper);
  const sloped = input.detach().le(0);
  const slopes = empty(Number(sloped.sum().item()), { dtype: "float64" }).uniform_(lower, upper);
  return onesLike(input).setAt(sloped, slopes.to(dtype).to(device));
}

type Bounds = { lower?: number; upper?: number; training?: boolean } & InPlace;
/**
 * `x` where positive, else `slope · x`: in training a slope for each element, uniform in [lower, upper), else their mean.
 * @throws ArgumentError where `lower` exceeds `upper`
 */
export const rrelu = operator<
  (input: Tensor, ...args: Cut<[lower: number, upper: number, training: boolean, inplace: boolean], Bounds>) => Tensor
>(
  "rrelu(input, lower=0.125, upper=0.3333333333333333, training=false, inplace=false)",
  (input: Tensor, lower: number, upper: number, training: boolean, inplace: boolean) => {
    if (lower > upper) {
      throw new ArgumentError("Lower bound should be less than or equal to the upper bound", { lower, upper });
    }
    requireFloat(input.dtype, "rrelu");
    const noise = training ? drawnSlopes(input, lower, upper) : (lower + upper) / 2;
    return inplace ? noisy_(input, noise) : rreluRow(input, noise);
  },
);

// ------------------------------------------------------------------------------------------------------- smooth

const eluRow = row(
  "elu(input, alpha=1, scale=1)",
  (x, alpha: number, scale: number) => {
    const y = where(x.gt(0), x, x.clampMax(0).expm1().mul(alpha));
    return scale === 1 ? y : y.mul(scale);
  },
  (g, x, alpha: number, scale: number) => {
    const slope = g.mul(x.clampMax(0).exp().mul(alpha));
    const out = where(x.gt(0), g, slope);
    return scale === 1 ? out : out.mul(scale);
  },
);
const eluInPlace = unaryForm(eluRow);
/** `x` where positive, else `alpha · (eˣ − 1)`. */
export const elu = operator<Overwriting<[alpha: number], { alpha?: number }>>(
  "elu(input, alpha=1, inplace=false)",
  (input: Tensor, alpha: number, inplace: boolean) => (inplace ? eluInPlace : eluRow)(input, alpha, 1),
);

const [SELU_ALPHA, SELU_SCALE] = [1.6732632423543772, 1.0507009873554805];
/** `1.0507 · elu(x, 1.6733)`, whose networks keep mean and variance: Klambauer et al., "Self-Normalizing Neural Networks" (2017). */
export const selu = operator<Simple>("selu(input, inplace=false)", (input: Tensor, inplace: boolean) =>
  (inplace ? eluInPlace : eluRow)(input, SELU_ALPHA, SELU_SCALE),
);

const celuRow = row(
  "celu(input, alpha=1)",
  (x, alpha: number) => where(x.gt(0), x, x.clampMax(0).div(alpha).expm1().mul(alpha)),
  (g, x, alpha: number) => where(x.gt(0), g, g.mul(x.clampMax(0).div(alpha).exp())),
);
const celuOf = overwriting<[alpha: number], { alpha?: number }>(celuRow);
/**
 * `x` where positive, else `alpha · (e^(x/alpha) − 1)`.
 * @throws ArgumentError for an `alpha` of 0
 */
export const celu = operator<Overwriting<[alpha: number], { alpha?: number }>>(
  "celu(input, alpha=1, inplace=false)",
  (input: Tensor, alpha: number, inplace: boolean) => {
    if (alpha === 0) throw new ArgumentError("ZeroDivisionError: alpha cannot be 0 for CELU", { alpha });
    return celuOf(input, alpha, inplace);
  },
);

const [HALF_GAUSS, CUBE] = [Math.sqrt(2 / Math.PI), 0.044715];
/** `√(2/π) (x + 0.044715 x³)`. */
const bent = (x: Tensor): Tensor => x.mul(x).mul(CUBE).add(1).mul(x).mul(HALF_GAUSS);
/** The distribution function of the normal distribution. */
const normalDistribution = (x: Tensor): Tensor => erf(x.mul(Math.SQRT1_2)).add(1).mul(0.5);

/**
 * `x · Φ(x)`, Φ the distribution function of the normal distribution; `approximate: "tanh"` computes
 * `x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))` instead.
 */
export const gelu: (input: Tensor, options?: { approximate?: "none" | "tanh" }) => Tensor = row(
  'gelu(input, *, approximate="none")',
  (x, approximate: string) => {
    if (approximate === "none") return x.mul(normalDistribution(x));
    if (approximate !== "tanh") {
      throw new ArgumentError("approximate argument must be either none or tanh.", { approximate });
    }
    return x.mul(0.5).mul(tanhOf(bent(x)).add(1));
  },
  (g, x, approximate: string) => {
    if (approximate === "none") {
      const density = x
        .mul(x)
        .mul(-0.5)
        .exp()
        .mul(1 / Math.sqrt(2 * Math.PI));
      return g.mul(normalDistribution(x).add(x.mul(density)));
    }
    const t = tanhOf(bent(x));
    const inner = x
      .mul(x)
      .mul(3 * CUBE)
      .add(1)
      .mul(HALF_GAUSS);
    return g.mul(
      t
        .add(1)
        .add(x.mul(inner).mul(t.mul(t).rsub(1)))
        .mul(0.5),
    );
  },
  { fast: true },
);

/** `x · sigmoid(x)`. */
export const silu = overwriting(
  row(
    "silu(input)",
    (x) => x.mul(sigmoidOf(x)),
    (g, x) => {
      const s = sigmoidOf(x);
      return g.mul(s.mul(x.mul(s.rsub(1)).add(1)));
    },
    { fast: true },
  ),
);

/** `log(1 + eˣ)`, without overflow. */
const smoothRelu = (x: Tensor): Tensor => x.clampMin(0).add(x.abs().neg().exp().log1p());

/** `x · tanh(log(1 + eˣ))`. */
export const mish = overwriting(
  row(
    "mish(input)",
    (x) => x.mul(tanhOf(smoothRelu(x))),
    (g, x) => {
      const t = tanhOf(smoothRelu(x));
      return g.mul(t.add(x.mul(sigmoidOf(x)).mul(t.mul(t).rsub(1))));
    },
  ),
);

/** `log(1 + e^(beta · x)) / beta`; where `beta · x` exceeds `threshold`, which is then as good, `x` itself. */
export const softplus = row(
  "softplus(input, beta=1, threshold=20)",
  (x, beta: number, limit: number) => {
    const scaled = beta === 1 ? x : x.mul(beta);
    const smooth = scaled.clampMax(limit).exp().log1p();
    return where(scaled.gt(limit), x, beta === 1 ? smooth : smooth.div(beta));
  },
  (g, x, beta: number, limit: number) => {
    const scaled = beta === 1 ? x : x.mul(beta);
    return where(scaled.gt(limit), g, g.mul(sigmoidOf(scaled)));
  },
) as Settings<[beta: number, threshold: number], { beta?: number; threshold?: number }>;

/** `1 / (1 + e⁻ˣ)`. */
export const sigmoid = (input: Tensor): Tensor => sigmoidOf(input);
/** Hyperbolic tangent. */
export const tanh = (input: Tensor): Tensor => tanhOf(input);

/** `log(sigmoid(x))`, without overflow. */
export const logsigmoid = row(
  "logsigmoid(input)",
  (x) => x.clampMax(0).sub(x.abs().neg().exp().log1p()),
  (g, x) => g.mul(sigmoidOf(x.neg())),
  { name: "LogSigmoidBackward0" },
) as (input: Tensor) => Tensor;

/** `x / (1 + |x|)`. */
export const softsign = operator<(input: Tensor) => Tensor>("softsign(input)", (x: Tensor) => x.div(x.abs().add(1)));
/** `x − tanh(x)`. */
export const tanhshrink = operator<(input: Tensor) => Tensor>("tanhshrink(input)", (x: Tensor) => x.sub(tanhOf(x)));

// ----------------------------------------------------------------------------------------------------- in place

type Form<P extends unknown[] = [], O = unknown> = Settings<P, O>;
const noisy_ = unaryForm(rreluRow);
/** Overwrites its input with `relu`. */
export const relu_ = copyForm(reluOf) as Form;
/** Overwrites its input with `leakyRelu`. */
export const leakyRelu_ = unaryForm(leakyReluRow) as Form<[negativeSlope: number], { negativeSlope?: number }>;
/** Overwrites its input with `hardtanh`. */
export const hardtanh_ = unaryForm(hardtanhRow) as Form<
  [minVal: number, maxVal: number],
  { minVal?: number; maxVal?: number }
>;
/** Overwrites its input with `threshold`. */
export const threshold_ = unaryForm(thresholdRow) as (input: Tensor, threshold: number, value: number) => Tensor;
/** Overwrites its input with `rrelu`. */
export const rrelu_ = operator<
  (
    input: Tensor,
    ...args: Cut<
      [lower: number, upper: number, training: boolean],
      { lower?: number; upper?: number; training?: boolean }
    >
  ) => Tensor
>(
  "rrelu_(input, lower=0.125, upper=0.3333333333333333, training=false)",
  (input: Tensor, lower: number, upper: number, training: boolean) => rrelu(input, lower, upper, training, true),
);
/** Overwrites its input with `elu`. */
export const elu_ = operator<Form<[alpha: number], { alpha?: number }>>(
  "elu_(input, alpha=1)",
  (input: Tensor, alpha: number) => elu(input, alpha, true),
);
/** Overwrites its input with `selu`. */
export const selu_ = operator<Form>("selu_(input)", (input: Tensor) => selu(input, true));
/** Overwrites its input with `celu`. */
export const celu_ = operator<Form<[alpha: number], { alpha?: number }>>(
  "celu_(input, alpha=1)",
  (input: Tensor, alpha: number) => celu(input, alpha, true),
);
