import { fastStep, signature, type Tensor, tensor, zerosLike } from "@kindling/autograd";
import { atLeastZero } from "./checks.js";
import { optionsOf } from "./names.js";
import { type GroupOptions, Optimizer, type OptimizerArgs, type ParamGroup, type Params } from "./optimizer.js";

/** Options of RMSprop; `lr` is 0.01 by default. */
export interface RMSpropOptions extends GroupOptions {
  /** Decay rate of the running mean square; 0.99 by default. */
  alpha: number;
  /** Added to the denominator; 1e-8 by default. */
  eps: number;
  /** Factor of the L2 penalty. */
  weightDecay: number;
  /** Share of the last step that is kept. */
  momentum: number;
  /** Divide by the estimated standard deviation instead of the root of the mean square. */
  centered: boolean;
  /** Climb instead of descending. */
  maximize: boolean;
}

interface RMSpropState {
  step: Tensor;
  square_avg: Tensor;
  momentum_buffer?: Tensor;
  grad_avg?: Tensor;
}

const arguments_ = signature(
  "RMSprop(params, lr=0.01, alpha=0.99, eps=1e-8, weightDecay=0, momentum=0, centered=false, *, maximize=false)",
);

/**
 * RMSprop: Tieleman and Hinton, lecture 6.5 of "Neural Networks for Machine Learning" (2012); `centered` from Graves,
 * "Generating Sequences With Recurrent Neural Networks" (2013). `eps` is added outside of the root.
 */
export class RMSprop extends Optimizer<RMSpropOptions, RMSpropState> {
  constructor(
    params: Params<RMSpropOptions>,
    ...options: OptimizerArgs<
      RMSpropOptions,
      [lr: number, alpha: number, eps: number, weightDecay: number, momentum: number, centered: boolean]
    >
  ) {
    super(params, optionsOf(arguments_, params, options));
  }

  protected override check({ lr, eps, momentum, weightDecay, alpha }: ParamGroup<RMSpropOptions>): void {
    atLeastZero("learning rate", lr);
    atLeastZero("epsilon value", eps);
    atLeastZero("momentum value", momentum);
    atLeastZero("weightDecay value", weightDecay);
    atLeastZero("alpha value", alpha);
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<RMSpropOptions>): void {
    rmsprop(param, grad, this.stateOf(param), group);
  }
}

/** One step of one parameter. */
function rmsprop(param: Tensor, grad: Tensor, state: Partial<RMSpropState>, options: RMSpropOptions): void {
  const { lr, alpha, eps, weightDecay, momentum, centered, maximize } = options;
  state.step ??= tensor(0);
  state.square_avg ??= zerosLike(param);
  if (centered) state.grad_avg ??= zerosLike(param);
  if (momentum > 0) state.momentum_buffer ??= zerosLike(param);
  state.step.add_(1);

  const kept = [
    state.square_avg,
    centered ? (state.grad_avg as Tensor) : null,
    momentum > 0 ? (state.momentum_buffer as Tensor) : null,
  ];
  const scale = maximize ? -1 : 1;
  if (fastStep("rmspropStep", param, grad, kept, { lr, alpha, eps, momentum, scale, weightDecay })) return;

  let g = maximize ? grad.neg() : grad;
  if (weightDecay !== 0) g = g.add(param, { alpha: weightDecay });
  state.square_avg.mul_(alpha).addcmul_(g, g, { value: 1 - alpha });

  let variance = state.square_avg;
  if (centered) {
    const mean = (state.grad_avg as Tensor).mul_(alpha).add_(g, { alpha: 1 - alpha });
    variance = variance.addcmul(mean, mean, { value: -1 });
  }
  const denominator = variance.sqrt().add_(eps);
  if (momentum > 0) {
    param.add_((state.momentum_buffer as Tensor).mul_(momentum).addcdiv_(g, denominator), { alpha: -lr });
  } else param.addcdiv_(g, denominator, { value: -lr });
}
