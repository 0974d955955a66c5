import {
  ArgumentError,
  DTypeError,
  dtypeInfo,
  isFloat,
  log1p,
  minimum,
  operator,
  ShapeError,
  type Tensor,
  where,
} from "@kindling/autograd";
import type { Cut } from "../args.js";
import { logsigmoid } from "./activation.js";
import { pairwiseDistance } from "./distance.js";
import { type Reduced, type Reduction, reduce, sizes } from "./loss.js";

/*
 * Losses that are 0 where a score keeps its distance: hinges, rankings, triplets.
 */

type Margin = Reduced & { margin?: number };
type MarginArgs = Cut<[margin: number], Margin>;

/** `x` where `target` is 1, `max(0, margin − x)` where it is −1. */
export const hingeEmbeddingLoss = operator<(input: Tensor, target: Tensor, ...args: MarginArgs) => Tensor>(
  'hingeEmbeddingLoss(input, target, margin=1, *, reduction="mean")',
  (input: Tensor, target: Tensor, margin: number, reduction: string) => {
    const apart = where(target.ne(1), real(input).neg().add(margin).clampMin(0), 0);
    return reduce(apart.add(where(target.ne(-1), input, 0)), reduction);
  },
);

/**
 * With `c` the cosine of the angle between `input1` and `input2`, (N, D) or (D): `1 − c` where `target`, (N) or (), is 1, and
 * `max(0, c − margin)` where it is −1.
 */
export const cosineEmbeddingLoss = operator<
  (input1: Tensor, input2: Tensor, target: Tensor, ...args: MarginArgs) => Tensor
>(
  'cosineEmbeddingLoss(input1, input2, target, margin=0, *, reduction="mean")',
  (input1: Tensor, input2: Tensor, target: Tensor, margin: number, reduction: string) => {
    if (target.ndim > 1) {
      throw new ShapeError("0D or 1D target tensor expected, multi-target not supported", { target: target.shape });
    }
    const rank = target.ndim + 1;
    if (input1.ndim !== rank || input2.ndim !== rank) {
      throw new ShapeError(
        `${target.ndim}D target tensor expects ${rank}D input tensors, but found inputs with sizes ${sizes(input1)} and ${sizes(input2)}.`,
        { input1: input1.shape, input2: input2.shape, target: target.shape },
      );
    }
    const along = (a: Tensor, b: Tensor): Tensor => a.mul(b).sum(target.ndim);
    const lengths = along(input1, input1).add(1e-12).mul(along(input2, input2).add(1e-12)).sqrt();
    const cosine = along(input1, input2).div(lengths);
    const together = where(target.eq(1), cosine.neg().add(1), 0);
    return reduce(together.add(where(target.eq(-1), cosine.sub(margin).clampMin(0), 0)), reduction);
  },
);

/** `max(0, margin − target · (input1 − input2))`: `target` 1 wants the first to be the larger one, −1 the second. */
export const marginRankingLoss = operator<
  (input1: Tensor, input2: Tensor, target: Tensor, ...args: MarginArgs) => Tensor
>(
  'marginRankingLoss(input1, input2, target, margin=0, *, reduction="mean")',
  (input1: Tensor, input2: Tensor, target: Tensor, margin: number, reduction: string) => {
    if (input1.ndim !== input2.ndim || input1.ndim !== target.ndim) {
      throw new ShapeError(
        `marginRankingLoss : All input tensors should have same dimension but got sizes: input1: ${sizes(input1)}, input2: ${sizes(input2)}, target: ${sizes(target)} `,
        { input1: input1.shape, input2: input2.shape, target: target.shape },
      );
    }
    return reduce(real(input1.sub(input2).mul(target.neg())).add(margin).clampMin(0), reduction);
  },
);

/** `log(1 + exp(−target · input))`, targets 1 or −1. */
export const softMarginLoss = operator<(input: Tensor, target: Tensor, options?: Reduced) => Tensor>(
  'softMarginLoss(input, target, *, reduction="mean")',
  (input: Tensor, target: Tensor, reduction: string) => reduce(log1p(input.mul(target.neg()).exp()), reduction),
);

type MultiMarginOptions = Margin & { p?: 1 | 2; weight?: Tensor | null };

/**
 * `Σᵢ≠ₜ max(0, margin − x[t] + x[i])ᵖ · weight[t] / C` for scores (N, C) or (C) and class numbers (N) or (); `weight` (C).
 */
export const multiMarginLoss = operator<
  (
    input: Tensor,
    target: Tensor,
    ...args: Cut<[p: 1 | 2, margin: number, weight: Tensor | null], MultiMarginOptions>
  ) => Tensor
>(
  'multiMarginLoss(input, target, p=1, margin=1, weight=null, *, reduction="mean")',
  (input: Tensor, target: Tensor, p: number, margin: number, weight: Tensor | null, reduction: string) => {
    if (p !== 1 && p !== 2) throw new ArgumentError("multiMarginLoss: Invalid p, expected 1 or 2", { p });
    requireClasses(target);
    const [x, index] = rows("multiMarginLoss", input, target);
    const classes = x.shape[1];
    if (weight !== null && (weight.ndim !== 1 || weight.shape[0] !== classes)) {
      throw new ShapeError(`inconsistent weight size, expected ${classes} but got ${sizes(weight)}`, {
        weight: weight.shape,
      });
    }
    const target1 = index.unsqueeze(1);
    const hinge = x.sub(x.gather(1, target1)).add(margin).clampMin(0);
    const powered = p === 1 ? hinge : hinge.mul(hinge);
    const weighed = weight === null ? powered : powered.mul(weight.indexSelect(0, index).unsqueeze(1));
    const loss = weighed.scatter(1, target1, 0).sum(1).div(classes);
    return reduce(input.ndim === 2 ? loss : loss.squeeze(0), reduction);
  },
);

/**
 * `Σ max(0, 1 − (x[j] − x[i])) / C` over the targets `j` and all `i` that are none: scores (N, C) or (C), targets of the same
 * shape, class numbers up to the first negative one.
 */
export const multilabelMarginLoss = operator<(input: Tensor, target: Tensor, options?: Reduced) => Tensor>(
  'multilabelMarginLoss(input, target, *, reduction="mean")',
  (input: Tensor, target: Tensor, reduction: string) => {
    requireClasses(target);
    if (input.ndim > 2 || input.shape.join() !== target.shape.join()) {
      throw new ShapeError(`inconsistent target size: ${sizes(target)} for input of size: ${sizes(input)}`, {
        input: input.shape,
        target: target.shape,
      });
    }
    const lead = input.ndim === 2 ? input.shape[0] : 1;
    const x = input.reshape(lead, -1);
    const wanted = target.reshape(lead, -1);
    const counted = wanted.ge(0).to("int32").cumprod(1).bool();
    const index = where(counted, wanted, 0);
    const isTarget = counted.to("int32").mul(0).scatterAdd(1, index, counted.to("int32")).bool();
    const apart = x.unsqueeze(1).sub(x.gather(1, index).unsqueeze(2)).add(1).clampMin(0); // (N, target, class)
    const pairs = counted.unsqueeze(2).logicalAnd(isTarget.logicalNot().unsqueeze(1));
    const loss = where(pairs, apart, 0).sum([1, 2]).div(x.shape[1]);
    return reduce(input.ndim === 2 ? loss : loss.squeeze(0), reduction);
  },
);

/**
 * The binary cross-entropy of each class, its mean over the classes: scores and targets (0 to 1) are (N, C) or (C), `weight`
 * broadcasts to them.
 */
export const multilabelSoftMarginLoss = operator<
  (input: Tensor, target: Tensor, ...args: Cut<[weight: Tensor | null], Reduced & { weight?: Tensor | null }>) => Tensor
>(
  'multilabelSoftMarginLoss(input, target, weight=null, *, reduction="mean")',
  (input: Tensor, target: Tensor, weight: Tensor | null, reduction: string) => {
    const likelihood = target.mul(logsigmoid(input)).add(target.neg().add(1).mul(logsigmoid(input.neg())));
    const loss = weight === null ? likelihood.neg() : likelihood.neg().mul(weight);
    return reduce(loss.mean(-1), reduction);
  },
);

type TripletOptions = Margin & { p?: number; eps?: number; swap?: boolean };

/**
 * `max(0, d(anchor, positive) − d(anchor, negative) + margin)`, `d` the p-norm of the difference along the last dimension; all
 * (N, D) or (D). With `swap` the negative's distance is that to the nearer of anchor and positive (Balntas et al. 2016).
 */
export const tripletMarginLoss = operator<
  (
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    ...args: Cut<[margin: number, p: number, eps: number, swap: boolean], TripletOptions>
  ) => Tensor
>(
  'tripletMarginLoss(anchor, positive, negative, margin=1, p=2, eps=1e-6, swap=false, *, reduction="mean")',
  (
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: number,
    p: number,
    eps: number,
    swap: boolean,
    reduction: Reduction,
  ) => {
    if (anchor.ndim !== positive.ndim || anchor.ndim !== negative.ndim) {
      throw new ShapeError(
        `tripletMarginLoss() expect all tensors to have same dimension, got ${anchor.ndim}D, ${positive.ndim}D and ${negative.ndim}D inputs.`,
        { anchor: anchor.shape, positive: positive.shape, negative: negative.shape },
      );
    }
    const distance = (a: Tensor, b: Tensor): Tensor => pairwiseDistance(a, b, p, eps);
    return triplet(anchor, positive, negative, distance, margin, swap, reduction);
  },
);

/** How far two batches of samples are apart: (N, …) and (N, …) → (N). */
export type DistanceFunction = (a: Tensor, b: Tensor) => Tensor;
type DistanceOptions = Margin & { distanceFunction?: DistanceFunction | null; swap?: boolean };

/** `tripletMarginLoss` with a distance of one's own. */
export const tripletMarginWithDistanceLoss = operator<
  (anchor: Tensor, positive: Tensor, negative: Tensor, options?: DistanceOptions) => Tensor
>(
  'tripletMarginWithDistanceLoss(anchor, positive, negative, *, distanceFunction=null, margin=1, swap=false, reduction="mean")',
  (
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    distance: DistanceFunction | null,
    margin: number,
    swap: boolean,
    reduction: Reduction,
  ) => triplet(anchor, positive, negative, distance ?? pairwiseDistance, margin, swap, reduction),
);

function triplet(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  distance: DistanceFunction,
  margin: number,
  swap: boolean,
  reduction: Reduction,
): Tensor {
  const near = distance(anchor, positive);
  const far = distance(anchor, negative);
  const away = swap ? minimum(far, distance(positive, negative)) : far;
  return reduce(near.sub(away).add(margin).clampMin(0), reduction);
}

/** A margin is a real number, whatever it looks like: integers meet it as float32. */
const real = (t: Tensor): Tensor => (isFloat(t.dtype) ? t : t.to("float32"));

function requireClasses(target: Tensor): void {
  if (!isFloat(target.dtype) && target.dtype !== "bool") return;
  const { scalarName } = dtypeInfo[target.dtype];
  throw new DTypeError(`expected scalar type Long but found ${scalarName}`, { dtype: target.dtype });
}

/** Scores as (N, C) and class numbers as (N). */
function rows(operation: string, input: Tensor, target: Tensor): [scores: Tensor, classes: Tensor] {
  const samples = input.ndim === 2 ? input.shape[0] : 1;
  if (input.ndim > 2 || target.ndim > 1 || target.numel() !== samples) {
    throw new ShapeError(
      `${operation}: inconsistent target size, expected ${samples} but got ${sizes(target)} for input of size ${sizes(input)}`,
      { input: input.shape, target: target.shape },
    );
  }
  return [input.reshape(samples, -1), target.reshape(-1)];
}
