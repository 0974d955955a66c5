import { fastStep, fullLike, signature, type Tensor, tensor } from "@kindling/autograd";
import { atLeastZero } from "./checks.js";
import { optionsOf } from "./names.js";
import { type GroupOptions, Optimizer, type OptimizerArgs, type ParamGroup, type Params } from "./optimizer.js";

/** Options of Adagrad; `lr` is 0.01 by default. */
export interface AdagradOptions extends GroupOptions {
  /** The learning rate is divided by `1 + (step − 1) · lrDecay`. */
  lrDecay: number;
  /** Factor of the L2 penalty. */
  weightDecay: number;
  /** Where the sums of squares start. */
  initialAccumulatorValue: number;
  /** Added to the denominator; 1e-10 by default. */
  eps: number;
  /** Climb instead of descending. */
  maximize: boolean;
}

interface AdagradState {
  step: Tensor;
  sum: Tensor;
}

const arguments_ = signature(
  "Adagrad(params, lr=0.01, lrDecay=0, weightDecay=0, initialAccumulatorValue=0, eps=1e-10, *, maximize=false)",
);

/** Adagrad: Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization" (2011). */
export class Adagrad extends Optimizer<AdagradOptions, AdagradState> {
  constructor(
    params: Params<AdagradOptions>,
    ...options: OptimizerArgs<
      AdagradOptions,
      [lr: number, lrDecay: number, weightDecay: number, initialAccumulatorValue: number, eps: number]
    >
  ) {
    super(params, optionsOf(arguments_, params, options));
  }

  protected override check(options: ParamGroup<AdagradOptions>): void {
    atLeastZero("learning rate", options.lr);
    atLeastZero("lrDecay value", options.lrDecay);
    atLeastZero("weightDecay value", options.weightDecay);
    atLeastZero("initialAccumulatorValue value", options.initialAccumulatorValue);
    atLeastZero("epsilon value", options.eps);
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<AdagradOptions>): void {
    adagrad(param, grad, this.stateOf(param), group);
  }
}

/** One step of one parameter. */
function adagrad(param: Tensor, grad: Tensor, state: Partial<AdagradState>, options: AdagradOptions): void {
  const { lr, lrDecay, weightDecay, initialAccumulatorValue, eps, maximize } = options;
  state.step ??= tensor(0);
  state.sum ??= fullLike(param, initialAccumulatorValue);
  const rate = lr / (1 + (state.step.add_(1).item() - 1) * lrDecay);
  const scale = maximize ? -1 : 1;
  if (fastStep("adagradStep", param, grad, [state.sum], { lr: rate, eps, scale, weightDecay })) return;

  let g = maximize ? grad.neg() : grad;
  if (weightDecay !== 0) g = g.add(param, { alpha: weightDecay });
  state.sum.addcmul_(g, g);
  const denominator = state.sum.sqrt().add_(eps);
  param.addcdiv_(g, denominator, { value: -rate });
}
