import { sameShape, state, type View } from "@kindling/storage";
import { fresh, rawContiguous, windowOn } from "../dispatch.js";
import type { Derivative, Grad, Node } from "../node.js";
import { record, recording, unrecorded } from "../record.js";
import type { Tensor } from "../tensor.js";
import { rsqrt } from "./functions.js";
import { add, mul, sub } from "./pointwise.js";
import { mean, sum } from "./reduction.js";
import { reshape } from "./views.js";

/*
 * `(x − mean) / √(variance + eps) · weight + bias`, one node each: with the statistics of the last dimensions (layer norm), or of
 * all dimensions but the channels (batch norm). Arguments are checked by `@kindling/nn`, whose functions these are the core of.
 */

declare module "@kindling/storage" {
  interface FastPaths {
    /** Rows: `out`, `input` (R, n) contiguous; `mean`, `variance` (R) are written, `weight`, `bias` (n) contiguous or `null`. */
    layerNorm(
      out: View,
      mean: View,
      variance: View,
      input: View,
      weight: View | null,
      bias: View | null,
      eps: number,
    ): void;
    /** The gradients of `input`, `weight` and `bias` of a layer norm; those that are not wanted are `null`. */
    layerNormBackward(
      gradInput: View | null,
      gradWeight: View | null,
      gradBias: View | null,
      grad: View,
      input: View,
      mean: View,
      variance: View,
      weight: View | null,
      eps: number,
    ): void;
    /** Channels: `out`, `input` (N, C, L) contiguous; `mean`, `variance` (C) are written, `weight`, `bias` (C) contiguous or `null`. */
    batchNorm(
      out: View,
      mean: View,
      variance: View,
      input: View,
      weight: View | null,
      bias: View | null,
      eps: number,
    ): void;
    /** The gradients of `input`, `weight` and `bias` of a batch norm; those that are not wanted are `null`. */
    batchNormBackward(
      gradInput: View | null,
      gradWeight: View | null,
      gradBias: View | null,
      grad: View,
      input: View,
      mean: View,
      variance: View,
      weight: View | null,
      eps: number,
    ): void;
  }
}

/** What is normalised, and by what. `mean` and `variance` are not part of the graph; they have size 1 along `dims`. */
export interface Normalized {
  readonly out: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
}

interface Context {
  readonly path: "layerNorm" | "batchNorm";
  /** The dimensions that statistics are taken over. */
  readonly dims: readonly number[];
  readonly eps: number;
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** Sizes of the operands as the fast paths see them. */
function sizesOf({ path, dims }: Pick<Context, "path" | "dims">, { shape }: Tensor): number[] {
  const count = (sizes: readonly number[]): number => sizes.reduce((n, size) => n * size, 1);
  if (path === "batchNorm") return [shape[0], shape[1], count(shape.slice(2))];
  return [count(shape.slice(0, dims[0])), count(shape.slice(dims[0]))];
}

/** A contiguous tensor with other sizes; of no sizes, as a vector. */
function seen(t: Tensor | null, sizes: readonly number[] | null): View | null {
  if (t === null) return null;
  const shape = sizes ?? [t.numel()];
  return windowOn(
    t,
    shape,
    shape.map((_, d) => shape.slice(d + 1).reduce((n, size) => n * size, 1)),
  );
}

/** The statistics of `x`, in the graph where it is recorded. */
function moments(x: Tensor, dims: readonly number[]): { mean: Tensor; centered: Tensor; variance: Tensor } {
  const center = mean(x, dims, true);
  const centered = sub(x, center);
  return { mean: center, centered, variance: mean(mul(centered, centered), dims, true) };
}

/** A vector for each channel, or the weights of the last dimensions, in a shape that broadcasts. */
const spread = (t: Tensor, { path }: Context, ndim: number): Tensor =>
  path === "layerNorm" ? t : reshape(t, [t.numel(), ...new Array<number>(ndim - 2).fill(1)]);

const backward = (node: Node, g: Tensor): readonly Grad[] => {
  const context = node.context as Context;
  const { dims, eps } = context;
  const [x, weight] = [node.saved(0), node.savedOrNull(1)];
  const fast = state.gradEnabled ? null : fastGradients(node, context, g, x, weight);
  if (fast !== null) return fast;
  const { centered, variance } = state.gradEnabled
    ? moments(x, dims)
    : { centered: sub(x, context.mean), variance: context.variance };
  const scale = rsqrt(add(variance, eps));
  const normal = mul(centered, scale);
  const others = x.shape.map((_, d) => d).filter((d) => (context.path === "layerNorm") !== dims.includes(d));
  const summed = (t: Tensor): Tensor => (others.length === 0 ? t : sum(t, others, { dtype: t.dtype }));
  let gradInput: Grad = null;
  if (node.needs(0)) {
    const h = weight === null ? g : mul(g, spread(weight, context, x.ndim));
    const along = mul(normal, mean(mul(h, normal), dims, true));
    gradInput = mul(sub(sub(h, mean(h, dims, true)), along), scale);
  }
  return [gradInput, node.needs(1) ? summed(mul(g, normal)) : null, node.needs(2) ? summed(g) : null];
};

function fastGradients(node: Node, c: Context, g: Tensor, x: Tensor, weight: Tensor | null): Grad[] | null {
  const { device, dtype } = x.storage;
  const path = `${c.path}Backward` as const;
  if (g.storage.dtype !== dtype || x.numel() === 0 || !device.hasFast(path, dtype)) return null;
  const sizes = sizesOf(c, x);
  const parameters = c.path === "layerNorm" ? x.shape.slice(c.dims[0]) : [x.shape[1]];
  const grads = [x.shape, parameters, parameters].map((shape, i) =>
    node.needs(i) ? fresh(device, dtype, shape, path) : null,
  );
  const done = device.tryFast(
    path,
    dtype,
    seen(grads[0], sizes),
    seen(grads[1], null),
    seen(grads[2], null),
    seen(rawContiguous(g), sizes) as View,
    seen(rawContiguous(x), sizes) as View,
    seen(c.mean, null) as View,
    seen(c.variance, null) as View,
    seen(weight && rawContiguous(weight), null),
    c.eps,
  );
  return done ? grads : null;
}

const DERIVATIVES: Readonly<Record<Context["path"], Derivative>> = {
  layerNorm: { name: "NativeLayerNormBackward0", backward },
  batchNorm: { name: "NativeBatchNormBackward0", backward },
};

function normalized(
  path: Context["path"],
  x: Tensor,
  dims: readonly number[],
  weight: Tensor | null,
  bias: Tensor | null,
  eps: number,
): Normalized {
  const { device, dtype } = x.storage;
  let out: Tensor | null = null;
  let center: Tensor | null = null;
  let variance: Tensor | null = null;
  if (x.numel() > 0 && device.hasFast(path, dtype)) {
    const sizes = sizesOf({ path, dims }, x);
    const kept = x.shape.map((n, d) => (dims.includes(d) ? 1 : n));
    const y = fresh(device, dtype, x.shape, path);
    center = fresh(device, dtype, kept, path);
    variance = fresh(device, dtype, kept, path);
    const done = device.tryFast(
      path,
      dtype,
      seen(y, sizes) as View,
      seen(center, null) as View,
      seen(variance, null) as View,
      seen(rawContiguous(x), sizes) as View,
      seen(weight && rawContiguous(weight), null),
      seen(bias && rawContiguous(bias), null),
      eps,
    );
    if (done) out = y;
  }
  const context = { path, dims, eps } as Context;
  if (out === null) {
    const found = unrecorded(moments, x, dims);
    center = found.mean;
    variance = found.variance;
    out = unrecorded(() => {
      let y = mul(found.centered, rsqrt(add(found.variance, eps)));
      if (weight !== null) y = mul(y, spread(weight, context, x.ndim));
      return bias === null ? y : add(y, spread(bias, context, x.ndim));
    });
  }
  const statistics = { mean: center as Tensor, variance: variance as Tensor };
  if (recording(x, weight, bias)) {
    const node = record(DERIVATIVES[path], out, [x, weight, bias]);
    node.context = Object.assign({}, context, statistics);
    node.save(x, weight);
  }
  return { out, ...statistics };
}

/** Whether a parameter can go into the node as it is. */
const fits = (t: Tensor | null, x: Tensor, shape: readonly number[]): boolean =>
  t === null ||
  (t.storage.dtype === x.storage.dtype && t.storage.device === x.storage.device && sameShape(t.shape, shape));

function withParameters(
  path: Context["path"],
  x: Tensor,
  dims: readonly number[],
  shape: readonly number[],
  weight: Tensor | null,
  bias: Tensor | null,
  eps: number,
): Normalized {
  if (fits(weight, x, shape) && fits(bias, x, shape)) return normalized(path, x, dims, weight, bias, eps);
  // parameters of another dtype: promotion is that of the operators
  const plain = normalized(path, x, dims, null, null, eps);
  let { out } = plain;
  if (weight !== null) out = mul(out, spread(weight, { path } as Context, x.ndim));
  if (bias !== null) out = add(out, spread(bias, { path } as Context, x.ndim));
  return { ...plain, out };
}

/** `x` normalised over its last `count` dimensions, whose shape `weight` and `bias` have. */
export function layerNormalized(
  x: Tensor,
  count: number,
  weight: Tensor | null,
  bias: Tensor | null,
  eps: number,
): Normalized {
  const dims = x.shape.map((_, d) => d).slice(x.ndim - count);
  return withParameters("layerNorm", x, dims, x.shape.slice(x.ndim - count), weight, bias, eps);
}

/** Each channel of `x` (N, C, *) normalised over all other dimensions; `weight` and `bias` are (C). */
export function channelNormalized(x: Tensor, weight: Tensor | null, bias: Tensor | null, eps: number): Normalized {
  const dims = x.shape.map((_, d) => d).filter((d) => d !== 1);
  return withParameters("batchNorm", x, dims, [x.shape[1]], weight, bias, eps);
}
