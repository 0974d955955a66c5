import {
  ArgumentError,
  fullLike,
  onesLike,
  signature,
  type Tensor,
  tensor,
  where,
  zerosLike,
} from "@kindling/autograd";
import { atLeastZero } from "./checks.js";
import { optionsOf } from "./names.js";
import { type GroupOptions, Optimizer, type OptimizerArgs, type ParamGroup, type Params } from "./optimizer.js";

/** Options of Rprop; `lr`, the first size of all steps, is 0.01 by default. */
export interface RpropOptions extends GroupOptions {
  /** What the size of a step is multiplied by where the gradient changed its sign, and where it kept it; 0.5 and 1.2. */
  etas: readonly [number, number];
  /** The least and the largest step; 1e-6 and 50. */
  stepSizes: readonly [number, number];
  /** Climb instead of descending. */
  maximize: boolean;
}

interface RpropState {
  step: Tensor;
  prev: Tensor;
  step_size: Tensor;
}

const arguments_ = signature("Rprop(params, lr=0.01, etas=[0.5, 1.2], stepSizes=[1e-6, 50], *, maximize=false)");

type Positions = [lr: number, etas: readonly [number, number], stepSizes: readonly [number, number]];

/**
 * Resilient backpropagation, for gradients of all data: each parameter's element has a step of its own, and of the gradient
 * only the sign counts. Riedmiller and Braun, "A Direct Adaptive Method for Faster Backpropagation Learning" (1993).
 */
export class Rprop extends Optimizer<RpropOptions, RpropState> {
  constructor(params: Params<RpropOptions>, ...options: OptimizerArgs<RpropOptions, Positions>) {
    super(params, optionsOf(arguments_, params, options));
  }

  protected override check({ lr, etas }: ParamGroup<RpropOptions>): void {
    atLeastZero("learning rate", lr);
    const [minus, plus] = etas;
    if (!(minus > 0 && minus < 1 && plus > 1)) {
      throw new ArgumentError(`Invalid eta values: ${minus}, ${plus}`, { etas });
    }
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<RpropOptions>): void {
    rprop(param, grad, this.stateOf(param), group);
  }
}

/** One step of one parameter. */
function rprop(param: Tensor, grad: Tensor, state: Partial<RpropState>, options: RpropOptions): void {
  const { lr, etas, stepSizes, maximize } = options;
  state.step ??= tensor(0);
  state.prev ??= zerosLike(param);
  state.step_size ??= fullLike(param, lr);
  state.step.add_(1);

  const g = maximize ? grad.neg() : grad;
  const agreement = g.mul(state.prev);
  const turned = agreement.lt(0);
  const factor = where(turned, etas[0], where(agreement.gt(0), etas[1], onesLike(g)));
  state.step_size.mul_(factor).clamp_(...stepSizes);
  // where the gradient turned round, the step was too long: none now, and the next is free
  state.prev.copy_(where(turned, 0, g));
  param.addcmul_(state.prev.sign(), state.step_size, { value: -1 });
}
