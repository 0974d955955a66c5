import { type Device, type DType, type Shape, type Storage, type Strides, type View } from "@kindling/storage";
import type { TensorMethods } from "./methods.js";
import type { GradHook, Node, RemovableHandle } from "./node.js";
/** Marks tensors of every copy of this package. */
export declare const BRAND: unique symbol;
/** Why a view may not be changed in place under autograd. */
export type ViewKind = "ordinary" | "noGrad" | "inference" | "multiOutput" | "customFunction";
/** Methods of tensors that are made from the operators; see `methods.ts`. */
export interface Tensor extends TensorMethods {
}
/**
 * A strided view on a storage, and its place in the graph. Made by the creation functions and the operators, not by `new`.
 */
export declare class Tensor implements View {
    #private;
    readonly storage: Storage;
    readonly shape: Shape;
    readonly strides: Strides;
    readonly offset: number;
    /** The node that made this tensor; read it through `gradFn`, which follows in-place changes of a base. */
    node: Node | null;
    /** Which of the node's outputs this is. */
    outputNumber: number;
    /** `requiresGrad` of a leaf. */
    leafRequiresGrad: boolean;
    /** Where gradients of a leaf arrive; made when the leaf is first used. */
    accumulator: Node | null;
    /** The version counter, shared by a base, its views and `detach()`. */
    counter: {
        version: number;
    };
    /** The tensor whose memory this is a view of, for autograd; never itself a view. */
    base: Tensor | null;
    viewKind: ViewKind;
    /** Version at which `node` was right; a view's node is made anew when the counter has moved on. */
    viewVersion: number;
    /** Made under `inferenceMode`. */
    inference: boolean;
    gradient: Tensor | null;
    constructor(storage: Storage, shape: Shape, strides: Strides, offset: number);
    get dtype(): DType;
    /** Name of the device that holds the elements. */
    get device(): string;
    get ndim(): number;
    /** Number of dimensions. */
    dim(): number;
    /** Number of elements. */
    numel(): number;
    /** All sizes, or the size of one dimension. */
    size(): Shape;
    size(dim: number): number;
    /** All strides in elements, or the stride of one dimension. */
    stride(): Strides;
    stride(dim: number): number;
    storageOffset(): number;
    isContiguous(): boolean;
    isFloatingPoint(): boolean;
    /** Whether this tensor was made in `inferenceMode`. */
    isInference(): boolean;
    /** How often the memory was changed in place. */
    get version(): number;
    /** Whether operations on this tensor are recorded. Settable on leaves only. */
    get requiresGrad(): boolean;
    set requiresGrad(value: boolean);
    /** Sets `requiresGrad` of a leaf and returns it. */
    requiresGrad_(value?: boolean): this;
    /** Whether no recorded operation made this tensor; gradients are kept on leaves. */
    get isLeaf(): boolean;
    /** The graph node that made this tensor, or `null` for a leaf. */
    get gradFn(): Node | null;
    /** The accumulated gradient, or `null`. */
    get grad(): Tensor | null;
    set grad(value: Tensor | null);
    /**
     * The same memory outside of the graph, with a version counter of its own: writes through it go unnoticed. Setting it
     * exchanges the memory under this tensor, which keeps its identity, its gradient, its hooks and its place in optimizers.
     * @throws DTypeError where a tensor that requires grad would get a dtype that has no gradients
     */
    get data(): Tensor;
    set data(from: Tensor);
    /** The same memory outside of the graph; in-place changes are noticed by the graph. */
    detach(): Tensor;
    /** Cuts this tensor out of the graph that made it. */
    detach_(): this;
    get [BRAND](): true;
    get [Symbol.toStringTag](): string;
}
/** Whether a value is a tensor of this or of another copy of the package. */
export declare const isTensor: (value: unknown) => value is Tensor;
/** A new tensor over the same elements, outside of the graph. */
export declare function alias(t: Tensor): Tensor;
/** The node that made `t`; for views, after following what happened to the base. */
export declare function nodeOf(t: Tensor): Node | null;
/**
 * Whether operations on `t` are to be recorded, given that the grad mode is on. A view that was made outside of the graph counts
 * as what it is a view of, though no gradient flows through it.
 */
export declare const tracked: (t: Tensor) => boolean;
/** A contiguous tensor over a whole storage. */
export declare const wrap: (storage: Storage, shape: Shape) => Tensor;
export declare const deviceOf: (t: Tensor) => Device;
export type { GradHook, RemovableHandle };
