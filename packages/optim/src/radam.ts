import { signature, type Tensor, tensor, zerosLike } from "@kindling/autograd";
import { atLeastZero, checkBetas } from "./checks.js";
import { optionsOf } from "./names.js";
import { type GroupOptions, Optimizer, type OptimizerArgs, type ParamGroup, type Params } from "./optimizer.js";

/** Options of RAdam; `lr` is 1e-3 by default. */
export interface RAdamOptions extends GroupOptions {
  /** Decay rates of the running means of the gradient and of its square; 0.9 and 0.999 by default. */
  betas: readonly [number, number];
  /** Added to the denominator; 1e-8 by default. */
  eps: number;
  /** Factor of the L2 penalty, or rate of the decay. */
  weightDecay: number;
  /** Whether the weights decay beside the gradient, as in AdamW. */
  decoupledWeightDecay: boolean;
  /** Climb instead of descending. */
  maximize: boolean;
}

interface RAdamState {
  step: Tensor;
  exp_avg: Tensor;
  exp_avg_sq: Tensor;
}

const arguments_ = signature(
  "RAdam(params, lr=1e-3, betas=[0.9, 0.999], eps=1e-8, weightDecay=0, decoupledWeightDecay=false, *, maximize=false)",
);

type Positions = [
  lr: number,
  betas: readonly [number, number],
  eps: number,
  weightDecay: number,
  decoupledWeightDecay: boolean,
];

/**
 * Adam without its adaptive rate as long as too few gradients have been seen to estimate it: Liu et al., "On the Variance of
 * the Adaptive Learning Rate and Beyond" (2020).
 */
export class RAdam extends Optimizer<RAdamOptions, RAdamState> {
  constructor(params: Params<RAdamOptions>, ...options: OptimizerArgs<RAdamOptions, Positions>) {
    super(params, optionsOf(arguments_, params, options));
  }

  protected override check({ lr, eps, betas, weightDecay }: ParamGroup<RAdamOptions>): void {
    atLeastZero("learning rate", lr);
    atLeastZero("epsilon value", eps);
    checkBetas(betas);
    atLeastZero("weightDecay value", weightDecay);
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<RAdamOptions>): void {
    radam(param, grad, this.stateOf(param), group);
  }
}

/** One step of one parameter. */
function radam(param: Tensor, grad: Tensor, state: Partial<RAdamState>, options: RAdamOptions): void {
  const { lr, betas, eps, weightDecay, decoupledWeightDecay, maximize } = options;
  const [beta1, beta2] = betas;
  state.step ??= tensor(0);
  state.exp_avg ??= zerosLike(param);
  state.exp_avg_sq ??= zerosLike(param);
  const step = state.step.add_(1).item();
  const correction2 = 1 - beta2 ** step;

  let g = maximize ? grad.neg() : grad;
  if (weightDecay !== 0) {
    if (decoupledWeightDecay) param.mul_(1 - lr * weightDecay);
    else g = g.add(param, { alpha: weightDecay });
  }
  state.exp_avg.mul_(beta1).add_(g, { alpha: 1 - beta1 });
  state.exp_avg_sq.mul_(beta2).addcmul_(g, g, { value: 1 - beta2 });

  const rate = lr / (1 - beta1 ** step);
  // the length of a simple mean that would know as much: at most, and now
  const most = 2 / (1 - beta2) - 1;
  const length = most - (2 * step * beta2 ** step) / correction2;
  if (length <= 5) {
    param.add_(state.exp_avg, { alpha: -rate });
    return;
  }
  const rectified = Math.sqrt(((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length));
  const denominator = state.exp_avg_sq.sqrt().add_(eps);
  param.addcdiv_(state.exp_avg, denominator, { value: -(rate * Math.sqrt(correction2) * rectified) });
}
