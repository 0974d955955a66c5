import { state } from "@kindling/storage";
import type { Grad, Node } from "../node.js";
import type { Tensor } from "../tensor.js";
import { add } from "./pointwise.js";
import { T_DERIVATIVE, TRANSPOSE, transpose } from "./views.js";

/*
 * Gram matrices, `a · aᵀ` and `aᵀ · a`. Both factors' gradients reach the same node, one through the transposition: where nobody
 * sees it on that way, both are one product with `g + gᵀ`, half the work.
 */

type Multiply = (a: Tensor, b: Tensor) => Tensor;

/** The gradients of both inputs of a product, if they are one matrix and its transpose; else `null`. */
export function gramGradients(node: Node, g: Tensor, multiply: Multiply): readonly Grad[] | null {
  if (state.gradEnabled || node.hooks !== null || g.shape[0] !== g.shape[1]) return null;
  const turned = turnedInput(node);
  if (turned < 0 || !areTransposes(node.saved(0), node.saved(1))) return null;
  const both = add(g, transpose(g, 0, 1));
  return turned === 1 ? [multiply(both, node.saved(0)), null] : [null, multiply(node.saved(1), both)];
}

/** Which input is the other one transposed, and of no other use in the pass that runs; -1 for none. */
function turnedInput({ inputs, inputNumbers }: Node): number {
  for (let i = 0; i < 2; i++) {
    const [turned, other] = [inputs[i], inputs[1 - i]];
    const visit = turned?.visit;
    if (!turned || !visit || !other?.visit?.needed) continue;
    if (turned.derivative !== T_DERIVATIVE && turned.derivative !== TRANSPOSE) continue;
    if (turned.inputs[0] !== other || (turned.inputNumbers?.[0] ?? 0) !== (inputNumbers?.[1 - i] ?? 0)) continue;
    if (turned.hooks === null && !visit.captured && visit.dependencies === 1 && visit.grad === null) return i;
  }
  return -1;
}

const areTransposes = (a: Tensor, b: Tensor): boolean =>
  a.storage === b.storage && a.offset === b.offset && a.strides[0] === b.strides[1] && a.strides[1] === b.strides[0];
