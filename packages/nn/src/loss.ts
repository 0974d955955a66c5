import type { Tensor } from "@kindling/autograd";
import { binder, type Cut } from "./args.js";
import type { Reduction } from "./functional/loss.js";
import * as F from "./functional/loss.js";
import { Module } from "./module.js";
import { Buffer } from "./parameter.js";

/*
 * Losses as modules. All take `forward(input, target)` and `reduction`: "mean" (the default) and "sum" give one number,
 * "none" one for each element or sample.
 */

type Reduced = { reduction?: Reduction };

const bindPlain = binder<[reduction: Reduction]>('loss(*, reduction="mean")');

const bufferOf = (t: Tensor | null): Buffer | null => (t === null ? null : new Buffer(t));

/** Losses without settings of their own. */
abstract class Plain extends Module {
  readonly reduction: Reduction;

  constructor(options: Reduced = {}) {
    const [reduction] = bindPlain([options]);
    super();
    this.reduction = reduction;
  }
}

/**
 * `(input − target)²`: both (*).
 *
 * @example
 * new nn.MSELoss().forward(tensor([1, 2]), tensor([1, 4])); // tensor(2.)
 */
export class MSELoss extends Plain {
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.mseLoss(input, target, { reduction: this.reduction });
  }
}

/**
 * `|input − target|`: both (*).
 *
 * @example
 * new nn.L1Loss().forward(tensor([1, 2]), tensor([1, 4])); // tensor(1.)
 */
export class L1Loss extends Plain {
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.l1Loss(input, target, { reduction: this.reduction });
  }
}

const bindSmooth = binder<[reduction: Reduction, beta: number]>('SmoothL1Loss(*, reduction="mean", beta=1)');

/**
 * With `d = |input − target|`: `d² / (2 beta)` where `d < beta`, else `d − beta / 2`. Both (*).
 *
 * @example
 * new nn.SmoothL1Loss().forward(tensor([0]), tensor([3])); // tensor(2.5000)
 */
export class SmoothL1Loss extends Module {
  readonly reduction: Reduction;
  readonly beta: number;

  constructor(options: Reduced & { beta?: number } = {}) {
    const [reduction, beta] = bindSmooth([options]);
    super();
    this.reduction = reduction;
    this.beta = beta;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.smoothL1Loss(input, target, { reduction: this.reduction, beta: this.beta });
  }
}

const bindHuber = binder<[reduction: Reduction, delta: number]>('HuberLoss(reduction="mean", delta=1)');

/**
 * With `d = |input − target|`: `d² / 2` where `d < delta`, else `delta (d − delta / 2)`. Both (*).
 *
 * @example
 * new nn.HuberLoss({ delta: 2 }).forward(tensor([0]), tensor([3])); // tensor(4.)
 */
export class HuberLoss extends Module {
  readonly reduction: Reduction;
  readonly delta: number;

  constructor(...args: Cut<[reduction: Reduction, delta: number], Reduced & { delta?: number }>) {
    const [reduction, delta] = bindHuber(args);
    super();
    this.reduction = reduction;
    this.delta = delta;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.huberLoss(input, target, { reduction: this.reduction, delta: this.delta });
  }
}

type ClassOptions = { weight?: Tensor | null; ignoreIndex?: number } & Reduced;

const bindNll = binder<[weight: Tensor | null, ignoreIndex: number, reduction: Reduction]>(
  'NLLLoss(weight=null, *, ignoreIndex=-100, reduction="mean")',
);

/**
 * `−weight[target] · input[target]` for log-probabilities: input (N, C), (N, C, d₁ …) or (C), target class numbers of the same
 * shape without C. `weight` (C) is a buffer. Targets equal to `ignoreIndex` count nothing; the mean divides by the weights.
 *
 * @example
 * const loss = new nn.NLLLoss();
 * loss.forward(randn(3, 5).logSoftmax(1), tensor([1, 0, 4], { dtype: "int32" }));
 */
export class NLLLoss extends Module {
  weight: Buffer | null;
  readonly ignoreIndex: number;
  readonly reduction: Reduction;

  constructor(...args: Cut<[weight: Tensor | null], ClassOptions>) {
    const [weight, ignoreIndex, reduction] = bindNll(args);
    super();
    this.weight = bufferOf(weight);
    this.ignoreIndex = ignoreIndex;
    this.reduction = reduction;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { ignoreIndex, reduction } = this;
    return F.nllLoss(input, target, this.weight, { ignoreIndex, reduction });
  }
}

const bindCross = binder<[weight: Tensor | null, ignoreIndex: number, reduction: Reduction, labelSmoothing: number]>(
  'CrossEntropyLoss(weight=null, *, ignoreIndex=-100, reduction="mean", labelSmoothing=0)',
);

/**
 * The negative logarithm of the probability that softmax gives the target: input (N, C), (N, C, d₁ …) or (C), target class
 * numbers of the same shape without C, or probabilities of the same shape. `weight` (C) is a buffer; `labelSmoothing` gives
 * that part of each target to all classes equally.
 *
 * @example
 * const loss = new nn.CrossEntropyLoss();
 * loss.forward(randn(3, 5), tensor([1, 0, 4], { dtype: "int32" })).backward();
 */
export class CrossEntropyLoss extends Module {
  weight: Buffer | null;
  readonly ignoreIndex: number;
  readonly reduction: Reduction;
  readonly labelSmoothing: number;

  constructor(...args: Cut<[weight: Tensor | null], ClassOptions & { labelSmoothing?: number }>) {
    const [weight, ignoreIndex, reduction, labelSmoothing] = bindCross(args);
    super();
    this.weight = bufferOf(weight);
    this.ignoreIndex = ignoreIndex;
    this.reduction = reduction;
    this.labelSmoothing = labelSmoothing;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { ignoreIndex, reduction, labelSmoothing } = this;
    return F.crossEntropy(input, target, this.weight, { ignoreIndex, reduction, labelSmoothing });
  }
}

const bindBce = binder<[weight: Tensor | null, reduction: Reduction]>('BCELoss(weight=null, *, reduction="mean")');

/**
 * `−weight · (target · log input + (1 − target) · log(1 − input))` for probabilities, all (*). Logarithms end at −100.
 *
 * @example
 * new nn.BCELoss().forward(tensor([0.5]), tensor([1])); // tensor(0.6931)
 */
export class BCELoss extends Module {
  weight: Buffer | null;
  readonly reduction: Reduction;

  constructor(...args: Cut<[weight: Tensor | null], { weight?: Tensor | null } & Reduced>) {
    const [weight, reduction] = bindBce(args);
    super();
    this.weight = bufferOf(weight);
    this.reduction = reduction;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.binaryCrossEntropy(input, target, this.weight, { reduction: this.reduction });
  }
}

const bindLogits = binder<[weight: Tensor | null, reduction: Reduction, posWeight: Tensor | null]>(
  'BCEWithLogitsLoss(weight=null, *, reduction="mean", posWeight=null)',
);

/**
 * `BCELoss` of `sigmoid(input)`, without overflow: all (*). `posWeight`, the buffer `pos_weight`, multiplies the loss of
 * positive targets.
 *
 * @example
 * new nn.BCEWithLogitsLoss().forward(tensor([0]), tensor([1])); // tensor(0.6931)
 */
export class BCEWithLogitsLoss extends Module {
  weight: Buffer | null;
  pos_weight: Buffer | null;
  readonly reduction: Reduction;

  constructor(...args: Cut<[weight: Tensor | null], { weight?: Tensor | null; posWeight?: Tensor | null } & Reduced>) {
    const [weight, reduction, posWeight] = bindLogits(args);
    super();
    this.weight = bufferOf(weight);
    this.pos_weight = bufferOf(posWeight);
    this.reduction = reduction;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, pos_weight: posWeight, reduction } = this;
    return F.binaryCrossEntropyWithLogits(input, target, weight, { reduction, posWeight });
  }
}

const bindKl = binder<[reduction: Reduction | "batchmean", logTarget: boolean]>(
  'KLDivLoss(*, reduction="mean", logTarget=false)',
);

/**
 * The Kullback–Leibler divergence `target · (log target − input)` for log-probabilities `input`, both (*); with `logTarget`,
 * `target` too is a logarithm. `reduction: "batchmean"`, the mathematical definition, divides the sum by the first size.
 *
 * @example
 * const loss = new nn.KLDivLoss({ reduction: "batchmean" });
 * loss.forward(randn(3, 5).logSoftmax(1), randn(3, 5).softmax(1));
 */
export class KLDivLoss extends Module {
  readonly reduction: Reduction | "batchmean";
  readonly logTarget: boolean;

  constructor(options: { reduction?: Reduction | "batchmean"; logTarget?: boolean } = {}) {
    const [reduction, logTarget] = bindKl([options]);
    super();
    this.reduction = reduction;
    this.logTarget = logTarget;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.klDiv(input, target, { reduction: this.reduction, logTarget: this.logTarget });
  }
}
