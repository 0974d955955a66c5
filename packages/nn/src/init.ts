import {
  ArgumentError,
  empty,
  erf,
  eye,
  type Generator,
  noGrad,
  operator,
  randperm,
  ShapeError,
  type Tensor,
  tensor as tensorOf,
} from "@kindling/autograd";
import type { Cut } from "./args.js";

/*
 * Initialisation in place, outside of the graph. Numbers are drawn on the cpu and moved, so that a seed gives the same ones on
 * every device; the draws are PyTorch's.
 */

type Source = { generator?: Generator | null };
type Fan = "fan_in" | "fan_out";

/** Runs `draw` on `tensor`, or on a tensor of the cpu that is then copied into it. */
function drawn(tensor: Tensor, draw: (t: Tensor) => Tensor): Tensor {
  return noGrad(() => {
    if (tensor.device === "cpu") draw(tensor);
    else tensor.copy_(draw(empty(tensor.shape, { dtype: tensor.dtype })));
    return tensor;
  });
}

/** Fills with uniform numbers in [a, b). */
export const uniform_ = operator<
  (tensor: Tensor, ...args: Cut<[a: number, b: number], { a?: number; b?: number } & Source>) => Tensor
>("uniform_(tensor, a=0, b=1, generator=null)", (tensor: Tensor, a: number, b: number, generator: Generator | null) =>
  drawn(tensor, (t) => t.uniform_(a, b, { generator })),
);

/** Fills with normal numbers. */
export const normal_ = operator<
  (tensor: Tensor, ...args: Cut<[mean: number, std: number], { mean?: number; std?: number } & Source>) => Tensor
>(
  "normal_(tensor, mean=0, std=1, generator=null)",
  (tensor: Tensor, mean: number, std: number, generator: Generator | null) =>
    drawn(tensor, (t) => t.normal_(mean, std, { generator })),
);

type Truncated = { mean?: number; std?: number; a?: number; b?: number } & Source;

/**
 * Fills with normal numbers limited to [a, b], by the inverse of the distribution function: exact for any bounds.
 * The bounds are values, not multiples of `std`.
 */
export const truncNormal_ = operator<
  (tensor: Tensor, ...args: Cut<[mean: number, std: number, a: number, b: number], Truncated>) => Tensor
>(
  "truncNormal_(tensor, mean=0, std=1, a=-2, b=2, generator=null)",
  (tensor: Tensor, mean: number, std: number, a: number, b: number, generator: Generator | null) => {
    const below = (x: number): number =>
      (1 + erf(tensorOf((x - mean) / std / Math.SQRT2, { dtype: "float64" })).item()) / 2;
    return drawn(tensor, (t) => {
      t.uniform_(2 * below(a) - 1, 2 * below(b) - 1, { generator });
      return t
        .copy_(erfinv(t.double()))
        .mul_(std * Math.SQRT2)
        .add_(mean)
        .clamp_(a, b);
    });
  },
);

/**
 * The inverse of the error function, of float64: Winitzki's approximation (relative error 2e-3), then Newton's steps, each of
 * which squares the error.
 */
function erfinv(values: Tensor): Tensor {
  const inside = 1 - 2 ** -53; // at ±1 it is infinite
  const y = values.clamp(-inside, inside);
  const tail = y.mul(y).neg().log1p();
  const half = tail.mul(0.5).add(2 / (Math.PI * 0.147));
  let x = half.mul(half).sub(tail.div(0.147)).sqrt().sub(half).sqrt().mul(y.sign());
  for (let step = 0; step < 4; step++) {
    const slope = x
      .mul(x)
      .neg()
      .exp()
      .mul(2 / Math.sqrt(Math.PI));
    x = x.sub(erf(x).sub(y).div(slope));
  }
  return x;
}

/** Fills with one value. */
export const constant_ = operator<(tensor: Tensor, val: number | { val: number }) => Tensor>(
  "constant_(tensor, val)",
  (tensor: Tensor, val: number) => noGrad(() => tensor.fill_(val)),
);
/** Fills with 1. */
export const ones_ = (tensor: Tensor): Tensor => constant_(tensor, 1);
/** Fills with 0. */
export const zeros_ = (tensor: Tensor): Tensor => constant_(tensor, 0);

/** Fills a matrix with the identity, so that a linear layer passes on as much of its input as possible. */
export function eye_(tensor: Tensor): Tensor {
  if (tensor.ndim !== 2) throw new ShapeError("Only tensors with 2 dimensions are supported", { shape: tensor.shape });
  const [rows, columns] = tensor.shape;
  return noGrad(() => tensor.copy_(eye(rows, columns, { dtype: tensor.dtype, device: tensor.device })));
}

/**
 * Fills weights (out, in / groups, …) of a convolution of one, two or three dimensions with Dirac's delta, so that each group
 * passes on as many of its channels as it can.
 */
export const dirac_ = operator<(tensor: Tensor, ...args: Cut<[groups: number], { groups?: number }>) => Tensor>(
  "dirac_(tensor, groups=1)",
  (tensor: Tensor, groups: number) => {
    const { ndim, shape } = tensor;
    if (ndim < 3 || ndim > 5) throw new ShapeError("Only tensors with 3, 4, or 5 dimensions are supported", { shape });
    if (shape[0] % groups !== 0) throw new ShapeError("dim 0 must be divisible by groups", { shape, groups });
    const rows = shape[0] / groups;
    return noGrad(() => {
      let middle = tensor.zero_();
      for (const size of shape.slice(2)) middle = middle.select(2, Math.floor(size / 2));
      for (let group = 0; group < groups; group++)
        middle
          .narrow(0, group * rows, rows)
          .diagonal()
          .fill_(1);
      return tensor;
    });
  },
);

/** How many values an output is computed from, and how many outputs a value takes part in. */
function fans(tensor: Tensor): { fan_in: number; fan_out: number } {
  if (tensor.ndim < 2) {
    throw new ShapeError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions", {
      shape: tensor.shape,
    });
  }
  const field = tensor.shape.slice(2).reduce((a, b) => a * b, 1);
  return { fan_in: tensor.shape[1] * field, fan_out: tensor.shape[0] * field };
}

/**
 * The factor by which a nonlinearity's weights are scaled to keep the variance: "linear", "conv2d", …, "sigmoid" 1, "tanh"
 * 5/3, "relu" √2, "leaky_relu" √(2 / (1 + slope²)) with `param` for the slope (default 0.01), "selu" 3/4.
 */
export const calculateGain = operator<
  (nonlinearity: string, ...args: Cut<[param: number | null], { param?: number | null }>) => number
>("calculateGain(nonlinearity, param=null)", (nonlinearity: string, param: number | null) => {
  if (/^(linear|sigmoid|conv(_transpose)?[123]d)$/.test(nonlinearity)) return 1;
  switch (nonlinearity) {
    case "tanh":
      return 5 / 3;
    case "relu":
      return Math.SQRT2;
    case "leaky_relu": {
      const slope = param ?? 0.01;
      if (typeof slope !== "number") throw new ArgumentError(`negative_slope ${String(slope)} not a valid number`);
      return Math.sqrt(2 / (1 + slope ** 2));
    }
    case "selu":
      return 3 / 4;
    default:
      throw new ArgumentError(`Unsupported nonlinearity ${nonlinearity}`, { nonlinearity });
  }
});

function xavierStd(tensor: Tensor, gain: number): number {
  const { fan_in, fan_out } = fans(tensor);
  return gain * Math.sqrt(2 / (fan_in + fan_out));
}

type Gain = Cut<[gain: number], { gain?: number } & Source>;

/** Glorot's uniform numbers in ±gain · √(6 / (fan_in + fan_out)). */
export const xavierUniform_ = operator<(tensor: Tensor, ...args: Gain) => Tensor>(
  "xavierUniform_(tensor, gain=1, generator=null)",
  (tensor: Tensor, gain: number, generator: Generator | null) => {
    const bound = Math.sqrt(3) * xavierStd(tensor, gain);
    return uniform_(tensor, -bound, bound, { generator });
  },
);

/** Glorot's normal numbers of deviation gain · √(2 / (fan_in + fan_out)). */
export const xavierNormal_ = operator<(tensor: Tensor, ...args: Gain) => Tensor>(
  "xavierNormal_(tensor, gain=1, generator=null)",
  (tensor: Tensor, gain: number, generator: Generator | null) =>
    normal_(tensor, 0, xavierStd(tensor, gain), { generator }),
);

function kaimingStd(tensor: Tensor, a: number, mode: string, nonlinearity: string): number {
  if (mode !== "fan_in" && mode !== "fan_out") {
    throw new ArgumentError(`Mode ${mode} not supported, please use one of ['fan_in', 'fan_out']`, { mode });
  }
  return calculateGain(nonlinearity, a) / Math.sqrt(fans(tensor)[mode]);
}

type Kaiming = Cut<
  [a: number, mode: Fan, nonlinearity: string],
  { a?: number; mode?: Fan; nonlinearity?: string } & Source
>;

/**
 * He's uniform numbers in ±gain · √(3 / fan), where `fan` is that of `mode` and `a` the negative slope of a leaky ReLU, the
 * default nonlinearity.
 */
export const kaimingUniform_ = operator<(tensor: Tensor, ...args: Kaiming) => Tensor>(
  'kaimingUniform_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=null)',
  (tensor: Tensor, a: number, mode: string, nonlinearity: string, generator: Generator | null) => {
    if (tensor.shape.includes(0)) return tensor;
    const bound = Math.sqrt(3) * kaimingStd(tensor, a, mode, nonlinearity);
    return uniform_(tensor, -bound, bound, { generator });
  },
);

/** He's normal numbers of deviation gain / √fan; the arguments are those of `kaimingUniform_`. */
export const kaimingNormal_ = operator<(tensor: Tensor, ...args: Kaiming) => Tensor>(
  'kaimingNormal_(tensor, a=0, mode="fan_in", nonlinearity="leaky_relu", generator=null)',
  (tensor: Tensor, a: number, mode: string, nonlinearity: string, generator: Generator | null) =>
    tensor.shape.includes(0) ? tensor : normal_(tensor, 0, kaimingStd(tensor, a, mode, nonlinearity), { generator }),
);

/**
 * Fills with a (semi-)orthogonal matrix times `gain`, trailing dimensions as one: Saxe et al., "Exact solutions to the
 * nonlinear dynamics of learning in deep linear neural networks" (2013). It is the factor Q of normal numbers whose factor R
 * has a positive diagonal.
 */
export const orthogonal_ = operator<(tensor: Tensor, ...args: Gain) => Tensor>(
  "orthogonal_(tensor, gain=1, generator=null)",
  (tensor: Tensor, gain: number, generator: Generator | null) => {
    if (tensor.ndim < 2) {
      throw new ShapeError("Only tensors with 2 or more dimensions are supported", { shape: tensor.shape });
    }
    if (tensor.numel() === 0) return tensor;
    return drawn(tensor, (t) => {
      const matrix = empty([t.shape[0], t.numel() / t.shape[0]], { dtype: t.dtype }).normal_(0, 1, { generator });
      const wide = matrix.shape[0] < matrix.shape[1];
      const q = orthonormalized((wide ? matrix.t() : matrix).double());
      return t.copy_((wide ? q.t() : q).mul(gain).reshape(t.shape));
    });
  },
);

/** Columns made orthonormal, from the first to the last: Gram and Schmidt's way, twice, which is enough. */
function orthonormalized(columns: Tensor): Tensor {
  const q = columns.clone();
  for (let i = 0; i < q.shape[1]; i++) {
    const column = q.select(1, i);
    const before = q.narrow(1, 0, i);
    for (let round = 0; round < 2 && i > 0; round++) column.sub_(before.mv(before.t().mv(column)));
    column.div_(column.norm());
  }
  return q;
}

/**
 * Fills a matrix with normal numbers of deviation `std`, of which in each column the share `sparsity` is 0: Martens, "Deep
 * learning via Hessian-free optimization" (2010).
 */
export const sparse_ = operator<
  (
    tensor: Tensor,
    ...args: [...Cut<[sparsity: number, std: number], { sparsity?: number; std?: number } & Source>]
  ) => Tensor
>(
  "sparse_(tensor, sparsity, std=0.01, generator=null)",
  (tensor: Tensor, sparsity: number, std: number, generator: Generator | null) => {
    if (tensor.ndim !== 2)
      throw new ShapeError("Only tensors with 2 dimensions are supported", { shape: tensor.shape });
    const [rows, columns] = tensor.shape;
    const zeros = Math.ceil(sparsity * rows);
    return drawn(tensor, (t) => {
      t.normal_(0, std, { generator });
      for (let column = 0; column < columns; column++) {
        t.select(1, column).indexFill_(0, randperm(rows, { generator }).narrow(0, 0, zeros), 0);
      }
      return t;
    });
  },
);
