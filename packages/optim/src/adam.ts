import { fastStep, maximum, signature, type Tensor, tensor, zerosLike } from "@kindling/autograd";
import { atLeastZero, checkBetas } from "./checks.js";
import { optionsOf } from "./names.js";
import { type GroupOptions, Optimizer, type OptimizerArgs, type ParamGroup, type Params } from "./optimizer.js";

/** Options of Adam and AdamW. */
export interface AdamOptions extends GroupOptions {
  /** Decay rates of the running means of the gradient and of its square; 0.9 and 0.999 by default. */
  betas: readonly [number, number];
  /** Added to the denominator; 1e-8 by default. */
  eps: number;
  /** Adam: factor of the L2 penalty, 0 by default. AdamW: rate of the decay, 0.01 by default. */
  weightDecay: number;
  /** Divide by the largest mean square so far (Reddi et al., "On the Convergence of Adam and Beyond", 2018). */
  amsgrad: boolean;
  /** Climb instead of descending. */
  maximize: boolean;
}

/** What Adam keeps for a parameter; `step` is a float32 tensor of one element on the host. */
export interface AdamState {
  step: Tensor;
  exp_avg: Tensor;
  exp_avg_sq: Tensor;
  max_exp_avg_sq?: Tensor;
}

const arguments_ = signature(
  "Adam(params, lr=1e-3, betas=[0.9, 0.999], eps=1e-8, weightDecay=0, amsgrad=false, *, maximize=false)",
);

/** Positional arguments of Adam and AdamW. */
export type AdamPositions = [
  lr: number,
  betas: readonly [number, number],
  eps: number,
  weightDecay: number,
  amsgrad: boolean,
];

/** Adam: Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015). */
export class Adam extends Optimizer<AdamOptions, AdamState> {
  constructor(params: Params<AdamOptions>, ...options: OptimizerArgs<AdamOptions, AdamPositions>) {
    super(params, optionsOf(arguments_, params, options));
  }

  protected override check(options: ParamGroup<AdamOptions>): void {
    checkAdam(options);
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<AdamOptions>): void {
    adam(param, grad, this.stateOf(param), group);
  }
}

export function checkAdam({ lr, eps, betas, weightDecay }: AdamOptions): void {
  atLeastZero("learning rate", lr);
  atLeastZero("epsilon value", eps);
  checkBetas(betas);
  atLeastZero("weightDecay value", weightDecay);
}

/** One step of one parameter, whose values are multiplied by `decay` first. */
export function adam(param: Tensor, grad: Tensor, state: Partial<AdamState>, options: AdamOptions, decay = 1): void {
  const { betas, eps, weightDecay, amsgrad, maximize } = options;
  const [beta1, beta2] = betas;
  state.step ??= tensor(0);
  state.exp_avg ??= zerosLike(param);
  state.exp_avg_sq ??= zerosLike(param);
  if (amsgrad) state.max_exp_avg_sq ??= zerosLike(param);
  const step = state.step.add_(1).item();
  const lr = options.lr / (1 - beta1 ** step);
  const root = Math.sqrt(1 - beta2 ** step);

  const kept = [state.exp_avg, state.exp_avg_sq, amsgrad ? (state.max_exp_avg_sq as Tensor) : null];
  const scale = maximize ? -1 : 1;
  if (fastStep("adamStep", param, grad, kept, { lr, decay, beta1, beta2, root, eps, scale, weightDecay })) return;

  if (decay !== 1) param.mul_(decay);
  let g = maximize ? grad.neg() : grad;
  if (weightDecay !== 0) g = g.add(param, { alpha: weightDecay });
  state.exp_avg.mul_(beta1).add_(g, { alpha: 1 - beta1 });
  state.exp_avg_sq.mul_(beta2).addcmul_(g, g, { value: 1 - beta2 });

  let meanSquare = state.exp_avg_sq;
  if (amsgrad) {
    const most = state.max_exp_avg_sq as Tensor;
    meanSquare = most.copy_(maximum(most, meanSquare));
  }
  param.addcdiv_(state.exp_avg, meanSquare.sqrt().div_(root).add_(eps), { value: -lr });
}
