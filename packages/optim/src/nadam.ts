import { signature, type Tensor, tensor, zerosLike } from "@kindling/autograd";
import { atLeastZero, checkBetas } from "./checks.js";
import { optionsOf } from "./names.js";
import { type GroupOptions, Optimizer, type OptimizerArgs, type ParamGroup, type Params } from "./optimizer.js";

/** Options of NAdam; `lr` is 2e-3 by default. */
export interface NAdamOptions extends GroupOptions {
  /** Decay rates of the running means of the gradient and of its square; 0.9 and 0.999 by default. */
  betas: readonly [number, number];
  /** Added to the denominator; 1e-8 by default. */
  eps: number;
  /** Factor of the L2 penalty, or rate of the decay. */
  weightDecay: number;
  /** How fast the momentum grows towards the first of `betas`; 4e-3 by default. */
  momentumDecay: number;
  /** Whether the weights decay beside the gradient, as in AdamW. */
  decoupledWeightDecay: boolean;
  /** Climb instead of descending. */
  maximize: boolean;
}

interface NAdamState {
  step: Tensor;
  /** The product of the momenta so far: a float32 tensor of one element on the host. */
  mu_product: Tensor;
  exp_avg: Tensor;
  exp_avg_sq: Tensor;
}

const arguments_ = signature(
  "NAdam(params, lr=2e-3, betas=[0.9, 0.999], eps=1e-8, weightDecay=0, momentumDecay=4e-3, decoupledWeightDecay=false, *, maximize=false)",
);

type Positions = [
  lr: number,
  betas: readonly [number, number],
  eps: number,
  weightDecay: number,
  momentumDecay: number,
  decoupledWeightDecay: boolean,
];

/** Adam with Nesterov's momentum: Dozat, "Incorporating Nesterov Momentum into Adam" (2016). */
export class NAdam extends Optimizer<NAdamOptions, NAdamState> {
  constructor(params: Params<NAdamOptions>, ...options: OptimizerArgs<NAdamOptions, Positions>) {
    super(params, optionsOf(arguments_, params, options));
  }

  protected override check({ lr, eps, betas, weightDecay, momentumDecay }: ParamGroup<NAdamOptions>): void {
    atLeastZero("learning rate", lr);
    atLeastZero("epsilon value", eps);
    checkBetas(betas);
    atLeastZero("weightDecay value", weightDecay);
    atLeastZero("momentumDecay value", momentumDecay);
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<NAdamOptions>): void {
    nadam(param, grad, this.stateOf(param), group);
  }
}

/** One step of one parameter. */
function nadam(param: Tensor, grad: Tensor, state: Partial<NAdamState>, options: NAdamOptions): void {
  const { lr, betas, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize } = options;
  const [beta1, beta2] = betas;
  state.step ??= tensor(0);
  state.mu_product ??= tensor(1);
  state.exp_avg ??= zerosLike(param);
  state.exp_avg_sq ??= zerosLike(param);
  const step = state.step.add_(1).item();
  const momentumAt = (t: number): number => beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay));
  const mu = momentumAt(step);
  const next = momentumAt(step + 1);
  const product = state.mu_product.mul_(mu).item();
  // as PyTorch 1.13 computes it, with this step's momentum once more than in the paper
  const productNext = state.mu_product.mul(mu).mul(next).item();

  let g = maximize ? grad.neg() : grad;
  if (weightDecay !== 0) {
    if (decoupledWeightDecay) param.mul_(1 - lr * weightDecay);
    else g = g.add(param, { alpha: weightDecay });
  }
  state.exp_avg.mul_(beta1).add_(g, { alpha: 1 - beta1 });
  state.exp_avg_sq.mul_(beta2).addcmul_(g, g, { value: 1 - beta2 });
  const denominator = state.exp_avg_sq
    .div(1 - beta2 ** step)
    .sqrt_()
    .add_(eps);
  param.addcdiv_(g, denominator, { value: (-lr * (1 - mu)) / (1 - product) });
  param.addcdiv_(state.exp_avg, denominator, { value: (-lr * next) / (1 - productNext) });
}
