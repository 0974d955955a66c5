import { signature, type Tensor, tensor, zerosLike } from "@kindling/autograd";
import { atLeastZero } from "./checks.js";
import { optionsOf } from "./names.js";
import { type GroupOptions, Optimizer, type OptimizerArgs, type ParamGroup, type Params } from "./optimizer.js";

/** Options of ASGD; `lr` is 0.01 by default. */
export interface ASGDOptions extends GroupOptions {
  /** Decay of the parameters, and of the rate; 1e-4 by default. */
  lambd: number;
  /** Power of the rate's decay; 0.75 by default. */
  alpha: number;
  /** The step from which the mean is taken; 1e6 by default. */
  t0: number;
  /** Factor of the L2 penalty. */
  weightDecay: number;
  /** Climb instead of descending. */
  maximize: boolean;
}

/** `eta`, the rate of the next step, and `mu`, the share it has in the mean, are float32 tensors of one element on the host. */
interface ASGDState {
  step: Tensor;
  eta: Tensor;
  mu: Tensor;
  /** The mean of the parameters. */
  ax: Tensor;
}

const arguments_ = signature("ASGD(params, lr=0.01, lambd=1e-4, alpha=0.75, t0=1e6, weightDecay=0, *, maximize=false)");

type Positions = [lr: number, lambd: number, alpha: number, t0: number, weightDecay: number];

/**
 * Stochastic gradient descent with a mean of the parameters, `state.get(param).ax`: Polyak and Juditsky, "Acceleration of
 * Stochastic Approximation by Averaging" (1992).
 */
export class ASGD extends Optimizer<ASGDOptions, ASGDState> {
  constructor(params: Params<ASGDOptions>, ...options: OptimizerArgs<ASGDOptions, Positions>) {
    super(params, optionsOf(arguments_, params, options));
  }

  protected override check({ lr, weightDecay }: ParamGroup<ASGDOptions>): void {
    atLeastZero("learning rate", lr);
    atLeastZero("weightDecay value", weightDecay);
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<ASGDOptions>): void {
    asgd(param, grad, this.stateOf(param), group);
  }
}

/** One step of one parameter. */
function asgd(param: Tensor, grad: Tensor, state: Partial<ASGDState>, options: ASGDOptions): void {
  const { lr, lambd, alpha, t0, weightDecay, maximize } = options;
  state.step ??= tensor(0);
  state.eta ??= tensor(lr, { dtype: "float32" });
  state.mu ??= tensor(1);
  state.ax ??= zerosLike(param);
  const step = state.step.add_(1).item();
  const eta = state.eta.item();
  const mu = state.mu.item();

  let g = maximize ? grad.neg() : grad;
  if (weightDecay !== 0) g = g.add(param, { alpha: weightDecay });
  param.mul_(1 - lambd * eta).add_(g, { alpha: -eta });
  if (mu === 1) state.ax.copy_(param);
  else state.ax.add_(param.sub(state.ax), { alpha: mu });
  state.eta.fill_(lr / (1 + lambd * lr * step) ** alpha);
  state.mu.fill_(1 / Math.max(1, step - t0));
}
