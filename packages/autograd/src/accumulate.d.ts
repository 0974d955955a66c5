import { Node, type RemovableHandle } from "./node.js";
import type { Tensor } from "./tensor.js";
/** A hook that runs when a leaf's `grad` has been brought up to date. */
export type PostAccumulateHook = (leaf: Tensor) => void;
/** The end of a path through the graph: adds what arrives to a leaf's `grad`. */
export declare class Accumulator extends Node {
    readonly leaf: Tensor;
    readonly postHooks: PostAccumulateHook[];
    constructor(leaf: Tensor);
    /** A gradient arrives at the leaf, which may have become something else since. */
    arrive(grad: Tensor, owned: boolean): void;
    /**
     * Adds `grad` to the leaf's gradient. `owned` says that nobody else knows `grad`'s memory: only then it becomes the gradient
     * itself; otherwise a copy does, because gradients never share storage.
     */
    accumulate(grad: Tensor, owned: boolean): void;
}
export declare const accumulatorOf: (leaf: Tensor) => Node;
/** See `Tensor.registerPostAccumulateGradHook`. */
export declare const onAccumulated: (leaf: Tensor, hook: PostAccumulateHook) => RemovableHandle;
