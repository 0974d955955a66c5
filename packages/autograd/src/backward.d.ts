import type { Grad } from "./node.js";
import { type Tensor } from "./tensor.js";
/** Tensors, or one. */
type Many<T> = T | readonly T[];
export interface BackwardOptions {
    /** Gradients of the outputs; may be absent for outputs of one element. */
    gradTensors?: Many<Tensor | null> | null;
    /** Keep the graph for another pass; the default is `createGraph`. */
    retainGraph?: boolean | null;
    /** Record the pass itself, for higher derivatives. */
    createGraph?: boolean;
    /** Accumulate into these only. */
    inputs?: Many<Tensor> | null;
}
/** Accumulates the gradients of `tensors` into the `grad` of the leaves they came from. */
export declare function backward(tensors: Many<Tensor>, ...options: (BackwardOptions | Many<Tensor | null> | boolean | null)[]): void;
/** The method `backward`: see `TensorMethods`. */
export declare function backwardMethod(self: Tensor, ...args: unknown[]): void;
export interface GradOptions {
    /** Gradients of the outputs; may be absent for outputs of one element. */
    gradOutputs?: Many<Tensor | null> | null;
    /** Keep the graph for another pass; the default is `createGraph`. */
    retainGraph?: boolean | null;
    /** Record the pass itself, for higher derivatives. */
    createGraph?: boolean;
    /** Give `null` for inputs that the outputs do not depend on, instead of throwing. */
    allowUnused?: boolean;
}
/**
 * The gradients of `outputs` with respect to each of `inputs`, in one pass that walks only where it leads to an input.
 * Nothing is accumulated into `.grad`.
 * @returns one gradient per input, `null` where unused (with `allowUnused`)
 */
export declare function grad(outputs: Many<Tensor>, inputs: Many<Tensor>, options?: GradOptions): Grad[];
export declare function grad(outputs: Many<Tensor>, inputs: Many<Tensor>, gradOutputs: Many<Tensor | null> | null, options?: GradOptions): Grad[];
export {};
