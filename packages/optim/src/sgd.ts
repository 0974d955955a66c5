import { ArgumentError, fastStep, signature, type Tensor } from "@kindling/autograd";
import { atLeastZero } from "./checks.js";
import { optionsOf } from "./names.js";
import { type GroupOptions, Optimizer, type OptimizerArgs, type ParamGroup, type Params } from "./optimizer.js";

/** Options of SGD; `lr` is required, the others are off by default. */
export interface SGDOptions extends GroupOptions {
  /** Share of the last step's direction that is kept. */
  momentum: number;
  /** Share of the gradient that does not enter the momentum. */
  dampening: number;
  /** Factor of the L2 penalty. */
  weightDecay: number;
  /** Nesterov's momentum; needs a momentum and no dampening. */
  nesterov: boolean;
  /** Climb instead of descending. */
  maximize: boolean;
}

interface SGDState {
  momentum_buffer: Tensor;
}

const arguments_ = signature(
  "SGD(params, lr=null, momentum=0, dampening=0, weightDecay=0, nesterov=false, *, maximize=false)",
);

/**
 * Stochastic gradient descent: `v = momentum · v + g`, `param = param − lr · v`; the formula of Nesterov's momentum from
 * Sutskever et al., "On the importance of initialization and momentum in deep learning" (2013).
 */
export class SGD extends Optimizer<SGDOptions, SGDState> {
  constructor(
    params: Params<SGDOptions>,
    ...options: OptimizerArgs<
      SGDOptions,
      [lr: number, momentum: number, dampening: number, weightDecay: number, nesterov: boolean]
    >
  ) {
    super(params, optionsOf(arguments_, params, options));
  }

  protected override check({ lr, momentum, weightDecay, nesterov, dampening }: ParamGroup<SGDOptions>): void {
    atLeastZero("learning rate", lr);
    atLeastZero("momentum value", momentum);
    atLeastZero("weightDecay value", weightDecay);
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      throw new ArgumentError("Nesterov momentum requires a momentum and zero dampening", { momentum, dampening });
    }
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<SGDOptions>): void {
    sgd(param, grad, group.momentum === 0 ? null : this.stateOf(param), group);
  }
}

/** One step of one parameter; `state` holds the momentum, where there is one. */
function sgd(param: Tensor, grad: Tensor, state: Partial<SGDState> | null, options: SGDOptions): void {
  const { lr, momentum, dampening, weightDecay, nesterov, maximize } = options;
  const kept = state?.momentum_buffer ?? null;
  if (state === null || kept !== null) {
    const step = { lr, momentum, rate: 1 - dampening, nesterov, scale: maximize ? -1 : 1, weightDecay };
    if (fastStep("sgdStep", param, grad, [kept], step)) return;
  }
  let direction = maximize ? grad.neg() : grad;
  if (weightDecay !== 0) direction = direction.add(param, { alpha: weightDecay });
  if (state !== null) {
    let buffer = state.momentum_buffer;
    if (buffer === undefined) buffer = state.momentum_buffer = direction.detach().clone();
    else buffer.mul_(momentum).add_(direction, { alpha: 1 - dampening });
    direction = nesterov ? direction.add(buffer, { alpha: momentum }) : buffer;
  }
  param.add_(direction, { alpha: -lr });
}
