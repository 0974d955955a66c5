import { type PostAccumulateHook } from "./accumulate.js";
import { type GradHook, type RemovableHandle } from "./node.js";
import type { Tensor } from "./tensor.js";
/**
 * Calls `hook` with the gradient of `self` in each backward pass; a tensor that it returns takes the gradient's place.
 * @throws AutogradError where `self` needs no gradient
 */
export declare function registerHook(self: Tensor, hook: GradHook): RemovableHandle;
/** Calls `hook` with a leaf each time its `grad` has been accumulated. */
export declare function registerPostAccumulateGradHook(self: Tensor, hook: PostAccumulateHook): RemovableHandle;
/** Keeps the gradient of a tensor that is no leaf in its `grad`. */
export declare function retainGrad(self: Tensor): void;
/** Whether `retainGrad` was called. */
export declare const retainsGrad: (self: Tensor) => boolean;
