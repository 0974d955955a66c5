import { AutogradError } from "@kindling/storage";
import { accumulatorOf, onAccumulated, type PostAccumulateHook } from "./accumulate.js";
import { addTo, type GradHook, NodeHooks, type RemovableHandle } from "./node.js";
import { edgeOf } from "./record.js";
import type { Tensor } from "./tensor.js";

function hooksOf(self: Tensor): NodeHooks {
  // a view of a leaf that was made outside of the graph requires a gradient, which never comes
  const node = edgeOf(self) ?? (self.requiresGrad ? accumulatorOf(self) : null);
  if (node === null) throw new AutogradError("cannot register a hook on a tensor that doesn't require gradient");
  node.hooks ??= new NodeHooks();
  return node.hooks;
}

/** Output number under which hooks of `self` are kept. */
const numberOf = (self: Tensor): number => (self.gradFn === null ? 0 : self.outputNumber);

/**
 * Calls `hook` with the gradient of `self` in each backward pass; a tensor that it returns takes the gradient's place.
 * @throws AutogradError where `self` needs no gradient
 */
export function registerHook(self: Tensor, hook: GradHook): RemovableHandle {
  const { tensor } = hooksOf(self);
  const number = numberOf(self);
  const list = tensor.get(number) ?? [];
  tensor.set(number, list);
  return addTo(list, hook);
}

/** Calls `hook` with a leaf each time its `grad` has been accumulated. */
export function registerPostAccumulateGradHook(self: Tensor, hook: PostAccumulateHook): RemovableHandle {
  if (!self.requiresGrad) throw new AutogradError("cannot register a hook on a tensor that doesn't require gradient");
  if (!self.isLeaf) throw new AutogradError("post accumulate grad hooks cannot be registered on non-leaf tensors");
  return onAccumulated(self, hook);
}

/** Keeps the gradient of a tensor that is no leaf in its `grad`. */
export function retainGrad(self: Tensor): void {
  if (!self.requiresGrad) throw new AutogradError("can't retainGrad on Tensor that has requiresGrad=false");
  if (!self.isLeaf) hooksOf(self).retain.set(numberOf(self), self);
}

/** Whether `retainGrad` was called. */
export const retainsGrad = (self: Tensor): boolean =>
  !self.isLeaf && self.gradFn?.hooks?.retain.get(self.outputNumber) === self;
