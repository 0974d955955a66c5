import { type Device, type DType, type Shape } from "@kindling/storage";
import type { Tensor } from "./tensor.js";
/** A gradient, or the absence of one. */
export type Grad = Tensor | null;
/** How an operator is differentiated: one object per operator, shared by all its nodes. */
export interface Derivative {
    /** Name of the node, as PyTorch prints it: `MulBackward0`. */
    readonly name: string;
    /**
     * Gradients of the inputs from those of the outputs, written in differentiable operators. A node of one output gets its
     * gradient, one of several an array with `null` for outputs that got none. A node of one input may return a bare gradient.
     * Results may have any shape that broadcasting could have made of the input's: the engine sums them to it.
     */
    backward(node: Node, grad: Tensor, grads: readonly Grad[]): Grad | readonly Grad[];
    /** Whether `backward` wants to be called though no output got a gradient (custom functions do). */
    readonly acceptsUndefined?: boolean;
    /** Whether user code runs in `backward`: what it returns may be known to others. */
    readonly foreign?: boolean;
}
/** Shape, dtype and device of a node's output: what its gradient must look like. */
export interface OutputMeta {
    readonly shape: Shape;
    readonly dtype: DType;
    readonly device: Device;
}
/** A hook on a gradient; returning a tensor replaces it. */
export type GradHook = (grad: Tensor) => Tensor | undefined | void;
/** What the engine knows of a node during one pass. A nested pass over the same node stacks its own. */
export interface Visit {
    /** Edges that still have to deliver. */
    dependencies: number;
    /** Whether the pass needs a gradient here (always, unless particular inputs were asked for). */
    needed: boolean;
    /** Accumulated gradients by output; index 0 is by far the most frequent. */
    grad: Grad;
    /** Whether `grad` is known to nobody else, so that it may be added to or kept without a copy. */
    owned: boolean;
    more: Grad[] | null;
    readonly outer: Visit | null;
}
/**
 * One use of one operator: the edges to the nodes that made its inputs, and the values its derivative needs.
 * A layer that is used three times is three nodes, whose gradients add up where their edges meet.
 */
export declare class Node implements OutputMeta {
    #private;
    readonly derivative: Derivative;
    /** Creation order. Inputs always come first, so newest-first is a topological order. */
    readonly sequence: number;
    /** Producers of the inputs, `null` for those that need no gradient. */
    inputs: readonly (Node | null)[];
    /** Which output of its producer each input was; `null` where all are output 0. */
    inputNumbers: readonly number[] | null;
    readonly shape: Shape;
    readonly dtype: DType;
    readonly device: Device;
    /** Outputs after the first. */
    moreOutputs: OutputMeta[] | null;
    /** Plain values for the derivative: dimensions, shapes, flags. */
    context: unknown;
    hooks: NodeHooks | null;
    visit: Visit | null;
    constructor(derivative: Derivative, inputs: readonly (Node | null)[], inputNumbers: readonly number[] | null, shape: Shape, dtype: DType, device: Device);
    get name(): string;
    /** The graph below, as PyTorch's `grad_fn.next_functions`: pairs of node and output number. */
    get nextFunctions(): readonly (readonly [Node | null, number])[];
    output(number: number): OutputMeta;
    get outputCount(): number;
    /** Whether the gradient of input `i` is wanted in the running pass. */
    needs(i: number): boolean;
    /** Keeps tensors for the derivative, together with their versions. */
    save(...tensors: (Tensor | null)[]): void;
    /**
     * The saved tensor `i`.
     * @throws AutogradError where the graph was freed, or where the tensor was changed in place since.
     */
    saved(i: number): Tensor;
    savedOrNull(i: number): Tensor | null;
    /** Lets `to`, which holds the same values now, stand for the saved result `from`. */
    resave(from: Tensor, to: Tensor): void;
    get savedCount(): number;
    /** Lets go of the saved tensors; from now on asking for one throws. */
    release(): void;
    toString(): string;
    /** A hook on the gradients of the node's inputs and outputs; it may replace the former. */
    registerHook(hook: (gradInputs: readonly Grad[], gradOutputs: readonly Grad[]) => readonly Grad[] | undefined | void): RemovableHandle;
    /** A hook on the gradients of the node's outputs, before its derivative runs; it may replace them. */
    registerPrehook(hook: (gradOutputs: readonly Grad[]) => readonly Grad[] | undefined | void): RemovableHandle;
}
/** Everything that listens at a node. */
export declare class NodeHooks {
    /** Hooks of the output tensors, by output number. */
    readonly tensor: Map<number, GradHook[]>;
    /** Outputs whose gradient is kept (`retainGrad`), by output number. */
    readonly retain: Map<number, Tensor>;
    readonly pre: ((gradOutputs: readonly Grad[]) => readonly Grad[] | undefined | void)[];
    readonly post: ((gradInputs: readonly Grad[], gradOutputs: readonly Grad[]) => readonly Grad[] | undefined | void)[];
}
/** What a hook's registration returns. */
export interface RemovableHandle {
    /** Takes the hook away; may be called again. */
    remove(): void;
}
export declare function addTo<T>(list: T[], item: T): RemovableHandle;
