import { AutogradError } from "@kindling/storage";
import { withModes } from "./grad-mode.js";
import type { Keeper, Kept, Node } from "./node.js";
import { alias, isTensor, nodeOf, type Tensor } from "./tensor.js";

/**
 * Runs `fn` so that what its operations save for their derivatives goes through `pack`, and comes back by `unpack` when a
 * derivative asks for it. Of nested calls the innermost counts. `pack` gets the tensor outside of the graph and must not change it.
 *
 * @example
 * // keeps saved values in half the memory
 * const loss = autograd.graph.savedTensorsHooks(
 *   (t) => (t.dtype === "float32" ? t.half() : t),
 *   (t) => t.float(),
 *   () => net.forward(x).sum(),
 * );
 */
export function savedTensorsHooks<P, R>(pack: (tensor: Tensor) => P, unpack: (packed: P) => Tensor, fn: () => R): R {
  const keeper: Keeper = { keep: (tensor) => new Packed(tensor, pack, unpack) };
  return withModes("savedTensorsHooks", { savedTensorsHooks: keeper }, fn);
}

/** A packed tensor and its place in the graph. */
class Packed<P> implements Kept {
  readonly #unpack: (packed: P) => Tensor;
  readonly #value: P;
  readonly #node: Node | null;
  readonly #leaf: Tensor | null;
  readonly #number: number;

  constructor(tensor: Tensor, pack: (tensor: Tensor) => P, unpack: (packed: P) => Tensor) {
    this.#unpack = unpack;
    this.#node = nodeOf(tensor);
    this.#leaf = tensor.leafRequiresGrad ? tensor : null;
    this.#number = tensor.outputNumber;
    const given = tensor.detach();
    const { version } = given;
    const modes = { gradEnabled: false, savedTensorsHooks: null };
    this.#value = withModes("pack", modes, () => ({ packed: pack(given) })).packed;
    if (given.version !== version) {
      throw new AutogradError(
        "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook can not be modified by in-place operations as this can lead to unexpected side-effects. Please open an issue if you need to perform in-place operations on the input to a pack hook.",
      );
    }
  }

  /** The tensor that `unpack` gives, where the saved one stood in the graph. */
  tensor(): Tensor {
    const value = this.#unpack(this.#value);
    if (!isTensor(value)) {
      throw new AutogradError(
        `Output of saved tensor unpackHook expected to be a Tensor but got result of type ${value === null ? "null" : typeof value}`,
      );
    }
    const out = alias(value);
    out.counter = value.counter;
    out.node = this.#node;
    out.outputNumber = this.#number;
    out.viewVersion = out.counter.version;
    out.leafRequiresGrad = this.#leaf !== null;
    out.accumulator = this.#leaf?.accumulator ?? null;
    return out;
  }
}
