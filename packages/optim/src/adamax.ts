import { maximum, signature, type Tensor, tensor, zerosLike } from "@kindling/autograd";
import { atLeastZero, checkBetas } from "./checks.js";
import { optionsOf } from "./names.js";
import { type GroupOptions, Optimizer, type OptimizerArgs, type ParamGroup, type Params } from "./optimizer.js";

/** Options of Adamax; `lr` is 2e-3 by default. */
export interface AdamaxOptions extends GroupOptions {
  /** Decay rates of the running mean and of the running maximum of the gradient; 0.9 and 0.999 by default. */
  betas: readonly [number, number];
  /** Added to the gradient's size; 1e-8 by default. */
  eps: number;
  /** Factor of the L2 penalty. */
  weightDecay: number;
  /** Climb instead of descending. */
  maximize: boolean;
}

interface AdamaxState {
  step: Tensor;
  exp_avg: Tensor;
  exp_inf: Tensor;
}

const arguments_ = signature("Adamax(params, lr=2e-3, betas=[0.9, 0.999], eps=1e-8, weightDecay=0, *, maximize=false)");

type Positions = [lr: number, betas: readonly [number, number], eps: number, weightDecay: number];

/** Adam by the infinity norm: Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015), section 7.1. */
export class Adamax extends Optimizer<AdamaxOptions, AdamaxState> {
  constructor(params: Params<AdamaxOptions>, ...options: OptimizerArgs<AdamaxOptions, Positions>) {
    super(params, optionsOf(arguments_, params, options));
  }

  protected override check({ lr, eps, betas, weightDecay }: ParamGroup<AdamaxOptions>): void {
    atLeastZero("learning rate", lr);
    atLeastZero("epsilon value", eps);
    checkBetas(betas);
    atLeastZero("weightDecay value", weightDecay);
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<AdamaxOptions>): void {
    adamax(param, grad, this.stateOf(param), group);
  }
}

/** One step of one parameter. */
function adamax(param: Tensor, grad: Tensor, state: Partial<AdamaxState>, options: AdamaxOptions): void {
  const { lr, betas, eps, weightDecay, maximize } = options;
  const [beta1, beta2] = betas;
  state.step ??= tensor(0);
  state.exp_avg ??= zerosLike(param);
  state.exp_inf ??= zerosLike(param);
  const step = state.step.add_(1).item();

  let g = maximize ? grad.neg() : grad;
  if (weightDecay !== 0) g = g.add(param, { alpha: weightDecay });
  state.exp_avg.mul_(beta1).add_(g, { alpha: 1 - beta1 });
  state.exp_inf.copy_(maximum(state.exp_inf.mul_(beta2), g.abs().add_(eps)));
  param.addcdiv_(state.exp_avg, state.exp_inf, { value: -(lr / (1 - beta1 ** step)) });
}
