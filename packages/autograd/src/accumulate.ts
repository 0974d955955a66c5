import { AutogradError, holds, isContiguous, state } from "@kindling/storage";
import { noGrad } from "./grad-mode.js";
import { addTo, type Derivative, Node, type RemovableHandle } from "./node.js";
import { add_ } from "./ops/inplace.js";
import { add } from "./ops/pointwise.js";
import { clone } from "./ops/shape.js";
import type { Tensor } from "./tensor.js";

/** A hook that runs when a leaf's `grad` has been brought up to date. */
export type PostAccumulateHook = (leaf: Tensor) => void;

/** The end of a path through the graph: adds what arrives to a leaf's `grad`. */
export class Accumulator extends Node {
  readonly leaf: Tensor;
  readonly postHooks: PostAccumulateHook[] = [];

  constructor(leaf: Tensor) {
    super(ACCUMULATE, NO_INPUTS, null, leaf.shape, leaf.dtype, leaf.storage.device);
    this.leaf = leaf;
  }

  /** A gradient arrives at the leaf, which may have become something else since. */
  arrive(grad: Tensor, owned: boolean): void {
    if (!this.leaf.isLeaf) throw new AutogradError("leaf variable has been moved into the graph interior");
    if (this.leaf.leafRequiresGrad) this.accumulate(grad, owned);
  }

  /**
   * Adds `grad` to the leaf's gradient. `owned` says that nobody else knows `grad`'s memory: only then it becomes the gradient
   * itself; otherwise a copy does, because gradients never share storage.
   */
  accumulate(grad: Tensor, owned: boolean): void {
    const { leaf } = this;
    const before = leaf.gradient;
    if (before === null) {
      const whole = grad.storage.length === grad.numel() && isContiguous(grad.shape, grad.strides);
      leaf.gradient =
        owned && whole && grad.node === null ? grad : state.gradEnabled ? clone(grad) : noGrad(() => clone(grad));
      leaf.gradientShown = leaf.gradient.node !== null; // a graph may have saved it
    } else if (state.gradEnabled) {
      leaf.gradient = add(before, grad);
      leaf.gradientShown = true;
    } else add_(before, grad);
    if (state.scope !== null && leaf.gradient !== null) holds(leaf.storage, leaf.gradient.storage);
    for (const hook of [...this.postHooks]) hook(leaf);
  }
}

const NO_INPUTS: readonly null[] = [];
const ACCUMULATE: Derivative = {
  name: "AccumulateGrad",
  backward() {
    return NO_INPUTS;
  },
};

export const accumulatorOf = (leaf: Tensor): Node => (leaf.accumulator ??= new Accumulator(leaf));

/** See `Tensor.registerPostAccumulateGradHook`. */
export const onAccumulated = (leaf: Tensor, hook: PostAccumulateHook): RemovableHandle =>
  addTo((accumulatorOf(leaf) as Accumulator).postHooks, hook);
