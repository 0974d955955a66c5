import { signature, type Tensor } from "@kindling/autograd";
import { type AdamOptions, type AdamPositions, type AdamState, adam, checkAdam } from "./adam.js";
import { optionsOf } from "./names.js";
import { Optimizer, type OptimizerArgs, type ParamGroup, type Params } from "./optimizer.js";

const arguments_ = signature(
  "AdamW(params, lr=1e-3, betas=[0.9, 0.999], eps=1e-8, weightDecay=0.01, amsgrad=false, *, maximize=false)",
);

/** Adam with decay of the weights beside the gradient: Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019). */
export class AdamW extends Optimizer<AdamOptions, AdamState> {
  constructor(params: Params<AdamOptions>, ...options: OptimizerArgs<AdamOptions, AdamPositions>) {
    super(params, optionsOf(arguments_, params, options));
  }

  protected override check(options: ParamGroup<AdamOptions>): void {
    checkAdam(options);
  }

  protected override update(param: Tensor, grad: Tensor, group: ParamGroup<AdamOptions>): void {
    adamw(param, grad, this.stateOf(param), group);
  }
}

/** One step of one parameter. */
function adamw(param: Tensor, grad: Tensor, state: Partial<AdamState>, options: AdamOptions): void {
  adam(param, grad, state, { ...options, weightDecay: 0 }, 1 - options.lr * options.weightDecay);
}
