import type { Tensor } from "@kindling/autograd";
import { binder, type Cut } from "./args.js";
import { ctcLoss, type Lengths } from "./functional/ctc-loss.js";
import { gaussianNllLoss, poissonNllLoss } from "./functional/likelihood-loss.js";
import type { Reduced, Reduction } from "./functional/loss.js";
import { Module } from "./module.js";

/*
 * Losses that are the negative logarithm of a probability, as modules.
 */

type Poisson = [logInput: boolean, full: boolean];
const bindPoisson = binder<[...Poisson, eps: number, reduction: Reduction]>(
  'PoissonNLLLoss(logInput=true, full=false, *, eps=1e-8, reduction="mean")',
);

/**
 * Of counts with Poisson's distribution: `eˣ − target · x`, or `x − target · log(x + eps)` where the input is not a logarithm; `full`
 * adds Stirling's approximation of `log(target!)`. Both (*).
 *
 * @example
 * new nn.PoissonNLLLoss().forward(randn(5, 2), ones(5, 2));
 */
export class PoissonNLLLoss extends Module {
  readonly logInput: boolean;
  readonly full: boolean;
  readonly eps: number;
  readonly reduction: Reduction;

  constructor(...args: Cut<Poisson, Reduced & { logInput?: boolean; full?: boolean; eps?: number }>) {
    const [logInput, full, eps, reduction] = bindPoisson(args);
    super();
    this.logInput = logInput;
    this.full = full;
    this.eps = eps;
    this.reduction = reduction;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { logInput, full, eps, reduction } = this;
    return poissonNllLoss(input, target, { logInput, full, eps, reduction });
  }
}

const bindGaussian = binder<[full: boolean, eps: number, reduction: Reduction]>(
  'GaussianNLLLoss(*, full=false, eps=1e-6, reduction="mean")',
);

/**
 * Of targets with a normal distribution around the input: `(log v + (input − target)² / v) / 2`, `v = max(variance, eps)`. Input and
 * target (N, *), variance of the same shape, or of size 1 in the last dimension, or without it.
 *
 * @example
 * new nn.GaussianNLLLoss().forward(randn(5, 2), randn(5, 2), ones(5, 2));
 */
export class GaussianNLLLoss extends Module {
  readonly full: boolean;
  readonly eps: number;
  readonly reduction: Reduction;

  constructor(options: Reduced & { full?: boolean; eps?: number } = {}) {
    const [full, eps, reduction] = bindGaussian([options]);
    super();
    this.full = full;
    this.eps = eps;
    this.reduction = reduction;
  }

  override forward(input: Tensor, target: Tensor, variance: Tensor): Tensor {
    return gaussianNllLoss(input, target, variance, this.full, this.eps, this.reduction);
  }
}

type Ctc = [blank: number, reduction: Reduction, zeroInfinity: boolean];
const bindCtc = binder<Ctc>('CTCLoss(blank=0, reduction="mean", zeroInfinity=false)');

/**
 * Connectionist temporal classification (Graves et al. 2006), for sequences whose alignment with their targets is not known.
 * Log-probabilities (T, N, C) or (T, C), targets (N, S) or one after the other, the lengths of both.
 *
 * @example
 * const logProbs = randn(50, 2, 20).logSoftmax(2);
 * const targets = randint(1, 20, [2, 10]); // 0 is the blank
 * new nn.CTCLoss().forward(logProbs, targets, [50, 40], [10, 7]);
 */
export class CTCLoss extends Module {
  readonly blank: number;
  readonly reduction: Reduction;
  readonly zeroInfinity: boolean;

  constructor(...args: Cut<Ctc, Reduced & { blank?: number; zeroInfinity?: boolean }>) {
    const [blank, reduction, zeroInfinity] = bindCtc(args);
    super();
    this.blank = blank;
    this.reduction = reduction;
    this.zeroInfinity = zeroInfinity;
  }

  override forward(logProbs: Tensor, targets: Tensor, inputLengths: Lengths, targetLengths: Lengths): Tensor {
    const { blank, reduction, zeroInfinity } = this;
    return ctcLoss(logProbs, targets, inputLengths, targetLengths, blank, reduction, zeroInfinity);
  }
}
