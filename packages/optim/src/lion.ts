import { signature, type Tensor, zerosLike } from "@kindling/autograd";
import { atLeastZero, checkBetas } from "./checks.js";
import { optionsOf } from "./names.js";
import { type GroupOptions, Optimizer, type OptimizerArgs, type ParamGroup, type Params } from "./optimizer.js";

/** Options of Lion; `lr` is 1e-4 by default: three to ten times less than one would give to AdamW. */
export interface LionOptions extends GroupOptions {
  /** Share of the momentum in the step, and its decay rate; 0.9 and 0.99 by default. */
  betas: readonly [number, number];
  /** Rate of the weights' decay beside the gradient. */
  weightDecay: number;
  /** Climb instead of descending. */
  maximize: boolean;
}

interface LionState {
  exp_avg: Tensor;
}

const arguments_ = signature("Lion(params, lr=1e-4, betas=[0.9, 0.99], weightDecay=0, *, maximize=false)");

/**
 * Steps of one size, by the sign of momentum and gradient: `update = sign(β₁ m + (1 − β₁) g)`,
 * `param = param − lr (update + weightDecay · param)`, `m = β₂ m + (1 − β₂) g`. Chen et al., "Symbolic Discovery of
 * Optimization Algorithms" (2023).
 */
export class Lion extends Optimizer<LionOptions, LionState> {
  constructor(
    params: Params<LionOptions>,
    ...options: OptimizerArgs<LionOptions, [lr: number, betas: readonly [number, number], weightDecay: number]>
  ) {
    super(params, optionsOf(arguments_, params, options));
  }

  protected override check({ lr, betas, weightDecay }: ParamGroup<LionOptions>): void {
    atLeastZero("learning rate", lr);
    checkBetas(betas);
    atLeastZero("weightDecay value", weightDecay);
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<LionOptions>): void {
    lion(param, grad, this.stateOf(param), group);
  }
}

/** One step of one parameter. */
function lion(param: Tensor, grad: Tensor, state: Partial<LionState>, options: LionOptions): void {
  const { lr, betas, weightDecay, maximize } = options;
  const [beta1, beta2] = betas;
  state.exp_avg ??= zerosLike(param);
  const g = maximize ? grad.neg() : grad;
  const direction = state.exp_avg
    .mul(beta1)
    .add_(g, { alpha: 1 - beta1 })
    .sign();
  if (weightDecay !== 0) param.mul_(1 - lr * weightDecay);
  param.add_(direction, { alpha: -lr });
  state.exp_avg.mul_(beta2).add_(g, { alpha: 1 - beta2 });
}
