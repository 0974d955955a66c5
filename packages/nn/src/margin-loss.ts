import type { Tensor } from "@kindling/autograd";
import { binder, type Cut } from "./args.js";
import type { Reduced, Reduction } from "./functional/loss.js";
import * as F from "./functional/margin-loss.js";
import { Module } from "./module.js";
import { Buffer } from "./parameter.js";

/*
 * Losses that are 0 where a score keeps its distance, as modules.
 */

type Margin = Reduced & { margin?: number };
type MarginArgs = Cut<[margin: number], Margin>;
const bindReduction = binder<[reduction: Reduction]>('loss(*, reduction="mean")');
const bindOne = binder<[margin: number, reduction: Reduction]>('loss(margin=1, *, reduction="mean")');
const bindZero = binder<[margin: number, reduction: Reduction]>('loss(margin=0, *, reduction="mean")');

/** Losses with a margin and nothing else. */
abstract class WithMargin extends Module {
  readonly margin: number;
  readonly reduction: Reduction;

  constructor([margin, reduction]: [number, Reduction]) {
    super();
    this.margin = margin;
    this.reduction = reduction;
  }

  protected get options(): Margin {
    return { margin: this.margin, reduction: this.reduction };
  }
}

/**
 * `x` where the target is 1, `max(0, margin − x)` where it is −1. Both (*).
 *
 * @example
 * new nn.HingeEmbeddingLoss().forward(tensor([0.5, 0.25]), tensor([1, -1])); // tensor(0.6250)
 */
export class HingeEmbeddingLoss extends WithMargin {
  constructor(...args: MarginArgs) {
    super(bindOne(args));
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.hingeEmbeddingLoss(input, target, this.options);
  }
}

/**
 * With `c` the cosine of the angle between two vectors: `1 − c` where the target is 1, `max(0, c − margin)` where it is −1.
 * Inputs (N, D) or (D), target (N) or ().
 *
 * @example
 * new nn.CosineEmbeddingLoss().forward(randn(3, 5), randn(3, 5), tensor([1, -1, 1]));
 */
export class CosineEmbeddingLoss extends WithMargin {
  constructor(...args: MarginArgs) {
    super(bindZero(args));
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return F.cosineEmbeddingLoss(input1, input2, target, this.options);
  }
}

/**
 * `max(0, margin − target · (x₁ − x₂))`: target 1 wants the first to be the larger one, −1 the second. All (N) or ().
 *
 * @example
 * new nn.MarginRankingLoss().forward(tensor([1, 2]), tensor([2, 1]), tensor([1, 1])); // tensor(0.5000)
 */
export class MarginRankingLoss extends WithMargin {
  constructor(...args: MarginArgs) {
    super(bindZero(args));
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return F.marginRankingLoss(input1, input2, target, this.options);
  }
}

/** Losses with a reduction and nothing else. */
abstract class Plain extends Module {
  readonly reduction: Reduction;

  constructor(options: Reduced = {}) {
    const [reduction] = bindReduction([options]);
    super();
    this.reduction = reduction;
  }
}

/**
 * `log(1 + exp(−target · x))`, targets 1 or −1. Both (*).
 *
 * @example
 * new nn.SoftMarginLoss().forward(tensor([0, 0]), tensor([1, -1])); // tensor(0.6931)
 */
export class SoftMarginLoss extends Plain {
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.softMarginLoss(input, target, { reduction: this.reduction });
  }
}

/**
 * `Σ max(0, 1 − (x[j] − x[i])) / C` over the targets `j` and all `i` that are none. Input (N, C) or (C), target of the same shape:
 * class numbers up to the first negative one.
 *
 * @example
 * const target = tensor([[3, 0, -1, 1]], { dtype: "int32" }); // the classes 3 and 0
 * new nn.MultiLabelMarginLoss().forward(tensor([[0.1, 0.2, 0.4, 0.8]]), target); // tensor(0.8500)
 */
export class MultiLabelMarginLoss extends Plain {
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.multilabelMarginLoss(input, target, { reduction: this.reduction });
  }
}

const bindWeighted = binder<[weight: Tensor | null, reduction: Reduction]>('loss(weight=null, *, reduction="mean")');

/**
 * The mean over the classes of each class's binary cross-entropy. Scores and targets (0 to 1): (N, C) or (C); `weight` (C) is a
 * buffer.
 *
 * @example
 * new nn.MultiLabelSoftMarginLoss().forward(randn(2, 3), ones(2, 3));
 */
export class MultiLabelSoftMarginLoss extends Module {
  readonly reduction: Reduction;
  weight: Buffer | null;

  constructor(...args: Cut<[weight: Tensor | null], Reduced & { weight?: Tensor | null }>) {
    const [weight, reduction] = bindWeighted(args);
    super();
    this.weight = weight === null ? null : new Buffer(weight);
    this.reduction = reduction;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.multilabelSoftMarginLoss(input, target, { weight: this.weight, reduction: this.reduction });
  }
}

type MultiMargin = [p: 1 | 2, margin: number, weight: Tensor | null];
const bindMultiMargin = binder<[...MultiMargin, reduction: Reduction]>(
  'MultiMarginLoss(p=1, margin=1, weight=null, *, reduction="mean")',
);

/**
 * `Σᵢ≠ₜ max(0, margin − x[t] + x[i])ᵖ · weight[t] / C`. Scores (N, C) or (C), class numbers (N) or (); `weight` (C) is a buffer.
 *
 * @example
 * new nn.MultiMarginLoss().forward(tensor([[0.1, 0.2, 0.4, 0.8]]), tensor([3], { dtype: "int32" })); // tensor(0.3250)
 */
export class MultiMarginLoss extends Module {
  readonly p: 1 | 2;
  readonly margin: number;
  readonly reduction: Reduction;
  weight: Buffer | null;

  constructor(...args: Cut<MultiMargin, Margin & { p?: 1 | 2; weight?: Tensor | null }>) {
    const [p, margin, weight, reduction] = bindMultiMargin(args);
    super();
    this.p = p;
    this.margin = margin;
    this.weight = weight === null ? null : new Buffer(weight);
    this.reduction = reduction;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { p, margin, weight, reduction } = this;
    return F.multiMarginLoss(input, target, { p, margin, weight, reduction });
  }
}

type Triplet = [margin: number, p: number, eps: number, swap: boolean];
const bindTriplet = binder<[...Triplet, reduction: Reduction]>(
  'TripletMarginLoss(margin=1, p=2, eps=1e-6, swap=false, *, reduction="mean")',
);

/**
 * `max(0, d(anchor, positive) − d(anchor, negative) + margin)`, `d` the p-norm of the difference. All (N, D) or (D). With `swap`
 * the negative's distance is that to the nearer of anchor and positive (Balntas et al. 2016).
 *
 * @example
 * new nn.TripletMarginLoss().forward(randn(10, 8), randn(10, 8), randn(10, 8));
 */
export class TripletMarginLoss extends Module {
  readonly margin: number;
  readonly p: number;
  readonly eps: number;
  readonly swap: boolean;
  readonly reduction: Reduction;

  constructor(...args: Cut<Triplet, Margin & { p?: number; eps?: number; swap?: boolean }>) {
    const [margin, p, eps, swap, reduction] = bindTriplet(args);
    super();
    this.margin = margin;
    this.p = p;
    this.eps = eps;
    this.swap = swap;
    this.reduction = reduction;
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { margin, p, eps, swap, reduction } = this;
    return F.tripletMarginLoss(anchor, positive, negative, { margin, p, eps, swap, reduction });
  }
}

type DistanceOptions = Margin & { distanceFunction?: F.DistanceFunction | null; swap?: boolean };
const bindDistance = binder<[F.DistanceFunction | null, margin: number, swap: boolean, reduction: Reduction]>(
  'TripletMarginWithDistanceLoss(*, distanceFunction=null, margin=1, swap=false, reduction="mean")',
);

/**
 * `TripletMarginLoss` with a distance of one's own, (N, …) and (N, …) → (N).
 *
 * @example
 * const distance = (a, b) => a.sub(b).abs().amax(1);
 * new nn.TripletMarginWithDistanceLoss({ distanceFunction: distance }).forward(randn(10, 8), randn(10, 8), randn(10, 8));
 */
export class TripletMarginWithDistanceLoss extends Module {
  readonly distanceFunction: F.DistanceFunction | null;
  readonly margin: number;
  readonly swap: boolean;
  readonly reduction: Reduction;

  constructor(options: DistanceOptions = {}) {
    const [distanceFunction, margin, swap, reduction] = bindDistance([options]);
    super();
    this.distanceFunction = distanceFunction;
    this.margin = margin;
    this.swap = swap;
    this.reduction = reduction;
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { distanceFunction, margin, swap, reduction } = this;
    const options = { distanceFunction, margin, swap, reduction };
    return F.tripletMarginWithDistanceLoss(anchor, positive, negative, options);
  }
}
