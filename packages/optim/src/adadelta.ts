import { ArgumentError, signature, type Tensor, tensor, zerosLike } from "@kindling/autograd";
import { atLeastZero } from "./checks.js";
import { optionsOf } from "./names.js";
import { type GroupOptions, Optimizer, type OptimizerArgs, type ParamGroup, type Params } from "./optimizer.js";

/** Options of Adadelta; `lr` is 1 by default. */
export interface AdadeltaOptions extends GroupOptions {
  /** Decay rate of the running means of squares; 0.9 by default. */
  rho: number;
  /** Added to the means under the roots; 1e-6 by default. */
  eps: number;
  /** Factor of the L2 penalty. */
  weightDecay: number;
  /** Climb instead of descending. */
  maximize: boolean;
}

interface AdadeltaState {
  step: Tensor;
  square_avg: Tensor;
  acc_delta: Tensor;
}

const arguments_ = signature("Adadelta(params, lr=1, rho=0.9, eps=1e-6, weightDecay=0, *, maximize=false)");

/** Adadelta: Zeiler, "ADADELTA: An Adaptive Learning Rate Method" (2012). */
export class Adadelta extends Optimizer<AdadeltaOptions, AdadeltaState> {
  constructor(
    params: Params<AdadeltaOptions>,
    ...options: OptimizerArgs<AdadeltaOptions, [lr: number, rho: number, eps: number, weightDecay: number]>
  ) {
    super(params, optionsOf(arguments_, params, options));
  }

  protected override check({ lr, rho, eps, weightDecay }: ParamGroup<AdadeltaOptions>): void {
    atLeastZero("learning rate", lr);
    if (!(rho >= 0 && rho <= 1)) throw new ArgumentError(`Invalid rho value: ${rho}`, { rho });
    atLeastZero("epsilon value", eps);
    atLeastZero("weightDecay value", weightDecay);
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<AdadeltaOptions>): void {
    adadelta(param, grad, this.stateOf(param), group);
  }
}

/** One step of one parameter. */
function adadelta(param: Tensor, grad: Tensor, state: Partial<AdadeltaState>, options: AdadeltaOptions): void {
  const { lr, rho, eps, weightDecay, maximize } = options;
  state.step ??= tensor(0);
  state.square_avg ??= zerosLike(param);
  state.acc_delta ??= zerosLike(param);
  state.step.add_(1);

  let g = maximize ? grad.neg() : grad;
  if (weightDecay !== 0) g = g.add(param, { alpha: weightDecay });
  const deviation = state.square_avg
    .mul_(rho)
    .addcmul_(g, g, { value: 1 - rho })
    .add(eps)
    .sqrt_();
  const delta = state.acc_delta.add(eps).sqrt_().div_(deviation).mul_(g);
  state.acc_delta.mul_(rho).addcmul_(delta, delta, { value: 1 - rho });
  param.add_(delta, { alpha: -lr });
}
