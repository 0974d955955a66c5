import type { Node } from "./node.js";
import { type Tensor } from "./tensor.js";
/** What `forward` leaves for `backward`. Further fields may be set on it freely. */
export declare class FunctionContext {
    #private;
    /** Whether each argument of `apply` needs a gradient (`false` for those that are no tensors). */
    needsInputGrad: readonly boolean[];
    [field: string]: any;
    /** Keeps tensors for `backward`; only inputs and outputs of `forward` keep their place in the graph. */
    saveForBackward(...tensors: (Tensor | null)[]): void;
    /** The saved tensors. @throws AutogradError where the graph was freed, or a saved tensor changed in place. */
    get savedTensors(): Tensor[];
    /** Says that `forward` changed these inputs in place; they must be among its results. */
    markDirty(...tensors: Tensor[]): void;
    /** Says that these results have no gradient. */
    markNonDifferentiable(...tensors: Tensor[]): void;
    /** Whether absent gradients reach `backward` as zeros (the default) or as `null`. */
    setMaterializeGrads(value: boolean): void;
    /** For `Function` alone. */
    static inside(ctx: FunctionContext): {
        dirty: readonly Tensor[];
        plain: readonly Tensor[];
        materialize: boolean;
    };
    /** For `Function` alone: hands the saved tensors to the node; results as the tensors that `carriers` made of them. */
    static attach(ctx: FunctionContext, node: Node, carriers: ReadonlyMap<Tensor, Tensor>): void;
}
type Any = any;
type ForwardArgs<C> = C extends {
    forward(ctx: Any, ...args: infer A): unknown;
} ? A : never;
type ForwardResult<C> = C extends {
    forward(...args: Any[]): infer R;
} ? R : never;
/** `F.apply`: bound, so that it may be stored and passed on; called on the class itself it is typed by `forward`. */
export interface Apply {
    <C extends typeof Function>(this: C, ...args: ForwardArgs<C>): ForwardResult<C>;
    (...args: Any[]): Any;
}
/**
 * Base of custom functions: `static forward(ctx, …args)` computes, outside of the graph; `static backward(ctx, …gradOutputs)`
 * gives one gradient per argument, `null` for those without. Use it as `F.apply(…args)`.
 */
export declare abstract class Function {
    static forward(_ctx: Any, ..._args: Any[]): Any;
    static backward(_ctx: Any, ..._gradOutputs: Any[]): Any;
    static get apply(): Apply;
}
/**
 * Marks a `backward` whose own operations must not be differentiated: it runs outside of the graph, and a second derivative
 * through it throws. `static backward = autograd.onceDifferentiable((ctx, g) => …)`, or as a decorator.
 */
export declare function onceDifferentiable<A extends Any[], R>(backward: (ctx: Any, ...grads: A) => R, _context?: unknown): (ctx: Any, ...grads: A) => R;
export {};
