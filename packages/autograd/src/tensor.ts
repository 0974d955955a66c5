import {
  ArgumentError,
  AutogradError,
  contiguousStrides,
  type Device,
  type DType,
  DTypeError,
  dtypeInfo,
  holds,
  IndexError,
  isContiguous,
  isFloat,
  numelOf,
  release,
  type Shape,
  type Storage,
  type Strides,
  sameShape,
  state,
  type View,
  wrapDim,
} from "@kindling/storage";
import type { TensorMethods } from "./methods.js";
import type { GradHook, Node, RemovableHandle } from "./node.js";
import { refreshView } from "./views.js";

declare global {
  /** As in TypeScript's `esnext.disposable`, for programs that compile with an older library. */
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
}

/** Marks tensors of every copy of this package. */
export const BRAND: unique symbol = Symbol.for("kindling.Tensor") as never;

/** Why a view may not be changed in place under autograd. */
export type ViewKind = "ordinary" | "noGrad" | "inference" | "multiOutput" | "customFunction";

/** Methods of tensors that are made from the operators; see `methods.ts`. */
export interface Tensor extends TensorMethods {}

/**
 * A strided view on a storage, and its place in the graph. Made by the creation functions and the operators, not by `new`.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods come from the operator tables
export class Tensor implements View {
  readonly storage: Storage;
  readonly shape: Shape;
  readonly strides: Strides;
  readonly offset: number;

  /** The node that made this tensor; read it through `gradFn`, which follows in-place changes of a base. */
  node: Node | null = null;
  /** Which of the node's outputs this is. */
  outputNumber = 0;
  /** `requiresGrad` of a leaf. */
  leafRequiresGrad = false;
  /** Where gradients of a leaf arrive; made when the leaf is first used. */
  accumulator: Node | null = null;
  /** The version counter, shared by a base, its views and `detach()`. */
  counter: { version: number };
  /** The tensor whose memory this is a view of, for autograd; never itself a view. */
  base: Tensor | null = null;
  viewKind: ViewKind = "ordinary";
  /** Version at which `node` was right; a view's node is made anew when the counter has moved on. */
  viewVersion = 0;
  /** Made under `inferenceMode`. */
  inference: boolean;
  /** What `grad` shows. Who reads it here does not count as somebody who may keep it. */
  gradient: Tensor | null = null;
  /** Whether `gradient` came from outside or was read: then it may live on without this tensor. */
  gradientShown = false;

  constructor(storage: Storage, shape: Shape, strides: Strides, offset: number) {
    this.storage = storage;
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.counter = storage;
    this.inference = state.inferenceMode;
  }

  get dtype(): DType {
    return this.storage.dtype;
  }

  /** Name of the device that holds the elements. */
  get device(): string {
    return this.storage.device.name;
  }

  get ndim(): number {
    return this.shape.length;
  }

  /** Number of dimensions. */
  dim(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  numel(): number {
    return numelOf(this.shape);
  }

  /** All sizes, or the size of one dimension. */
  size(): Shape;
  size(dim: number): number;
  size(dim?: number): Shape | number {
    return dim === undefined ? this.shape : this.shape[this.#wrap(dim)];
  }

  /** All strides in elements, or the stride of one dimension. */
  stride(): Strides;
  stride(dim: number): number;
  stride(dim?: number): Strides | number {
    return dim === undefined ? this.strides : this.strides[this.#wrap(dim)];
  }

  #wrap(dim: number): number {
    if (this.ndim === 0) {
      throw new IndexError(`Dimension specified as ${dim} but tensor has no dimensions`, { dim, ndim: 0 });
    }
    return wrapDim(dim, this.ndim);
  }

  /** Bytes of one element in files and on the CPU. */
  elementSize(): number {
    return dtypeInfo[this.dtype].bytes;
  }

  /** Bytes of all elements. */
  get nbytes(): number {
    return this.numel() * this.elementSize();
  }

  storageOffset(): number {
    return this.offset;
  }

  isContiguous(): boolean {
    return isContiguous(this.shape, this.strides);
  }

  isFloatingPoint(): boolean {
    return isFloat(this.dtype);
  }

  /** Whether this tensor was made in `inferenceMode`. */
  isInference(): boolean {
    return this.inference;
  }

  /** How often the memory was changed in place. */
  get version(): number {
    return this.counter.version;
  }

  /** Whether operations on this tensor are recorded. Settable on leaves only. */
  get requiresGrad(): boolean {
    return tracked(this);
  }

  set requiresGrad(value: boolean) {
    if (value && !this.isLeaf) throw new AutogradError("you can only change requiresGrad flags of leaf variables.");
    this.requiresGrad_(value);
  }

  /** Sets `requiresGrad` of a leaf and returns it. */
  requiresGrad_(value = true): this {
    if (typeof value !== "boolean") throw new ArgumentError("requiresGrad must be a boolean");
    if (!this.isLeaf) {
      if (value) return this;
      throw new AutogradError(
        "you can only change requiresGrad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use varNoGrad = var.detach().",
      );
    }
    if (value && !isFloat(this.dtype)) {
      throw new DTypeError("only Tensors of floating point dtype can require gradients", { dtype: this.dtype });
    }
    if (value && this.inference && !state.inferenceMode) {
      throw new AutogradError("Setting requiresGrad=true on inference tensor outside InferenceMode is not allowed.");
    }
    this.leafRequiresGrad = value;
    return this;
  }

  /** Whether no recorded operation made this tensor; gradients are kept on leaves. */
  get isLeaf(): boolean {
    return nodeOf(this) === null;
  }

  /** The graph node that made this tensor, or `null` for a leaf. */
  get gradFn(): Node | null {
    return nodeOf(this);
  }

  /** The accumulated gradient, or `null`. */
  get grad(): Tensor | null {
    this.gradientShown = true;
    return this.gradient;
  }

  set grad(value: Tensor | null) {
    if (value === null || value === undefined) {
      // gradients are as large as all weights, and waiting for the collector costs more than a step
      if (this.gradient !== null && !this.gradientShown) release(this.gradient.storage);
      this.gradient = null;
      return;
    }
    if (!isTensor(value)) {
      throw new ArgumentError(`assigned grad expected to be a Tensor or null but got grad of type ${typeof value}`);
    }
    if (value === this) throw new AutogradError("can't assign Variable as its own grad");
    if (value.dtype !== this.dtype) {
      throw new DTypeError(
        `assigned grad has data of a different type: expected ${this.dtype} but got ${value.dtype}`,
        { expected: this.dtype, got: value.dtype },
      );
    }
    if (value.device !== this.device) {
      throw new AutogradError(
        `assigned grad has data located on a different device: expected ${this.device} but got ${value.device}`,
      );
    }
    if (!sameShape(value.shape, this.shape)) throw new AutogradError("assigned grad has data of a different size");
    if (state.scope !== null) holds(this.storage, value.storage);
    this.gradient = value;
    this.gradientShown = true;
  }

  /**
   * The same memory outside of the graph, with a version counter of its own: writes through it go unnoticed. Setting it
   * exchanges the memory under this tensor, which keeps its identity, its gradient, its hooks and its place in optimizers.
   * @throws DTypeError where a tensor that requires grad would get a dtype that has no gradients
   */
  get data(): Tensor {
    const out = alias(this);
    out.counter = { version: 0 };
    return out;
  }

  set data(from: Tensor) {
    if (!isTensor(from)) throw new ArgumentError(`Variable data has to be a tensor, but got ${typeof from}`);
    if (this.requiresGrad && !isFloat(from.dtype)) {
      throw new DTypeError("data set to a tensor that requires gradients must be floating point or complex dtype", {
        dtype: from.dtype,
      });
    }
    exchange(this, from);
    // neither the old memory nor what this was a view of is shared any more
    this.counter = { version: this.counter.version };
    this.base = null;
    if (this.accumulator !== null) {
      Object.assign(this.accumulator, { shape: from.shape, dtype: from.dtype, device: from.storage.device });
    }
  }

  /** The same memory outside of the graph; in-place changes are noticed by the graph. */
  detach(): Tensor {
    const out = alias(this);
    out.counter = this.counter;
    return out;
  }

  /** Cuts this tensor out of the graph that made it. */
  detach_(): this {
    if (this.base !== null) {
      throw new AutogradError(
        "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on these gradients. To fix this error, please refer to the Optimizer.zeroGrad() function in torch/optim/optimizer.py as a solution.",
      );
    }
    this.node = null;
    this.outputNumber = 0;
    this.leafRequiresGrad = false;
    return this;
  }

  /**
   * Gives the memory back now, on devices where it is not the garbage collector's alone; on `cpu` nothing happens. Views and graphs
   * that share it cannot be used any more either: they throw.
   */
  dispose(): void {
    release(this.storage);
  }

  /** `using x = …` disposes of `x` at the end of its block. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  get [BRAND](): true {
    return true;
  }

  get [Symbol.toStringTag](): string {
    return "Tensor";
  }
}

/** Puts other memory, or another layout of it, under a tensor; to everybody else both are read-only. */
export function exchange(t: Tensor, { storage, shape, strides, offset }: View): void {
  if (state.scope !== null) holds(t.storage, storage);
  Object.assign(t, { storage, shape, strides, offset });
}

/** Whether a value is a tensor of this or of another copy of the package. */
export const isTensor = (value: unknown): value is Tensor =>
  value instanceof Tensor || (typeof value === "object" && value !== null && (value as Tensor)[BRAND] === true);

/** A new tensor over the same elements, outside of the graph. */
export function alias(t: Tensor): Tensor {
  const out = new Tensor(t.storage, t.shape, t.strides, t.offset);
  out.inference = t.inference;
  return out;
}

/** The node that made `t`; for views, after following what happened to the base. */
export function nodeOf(t: Tensor): Node | null {
  return t.base === null || t.viewVersion === t.counter.version ? t.node : refreshView(t);
}

/**
 * Whether operations on `t` are to be recorded, given that the grad mode is on. A view that was made outside of the graph counts
 * as what it is a view of, though no gradient flows through it.
 */
export const tracked = (t: Tensor): boolean => t.leafRequiresGrad || t.node !== null || t.base?.requiresGrad === true;

/** A contiguous tensor over a whole storage. */
export const wrap = (storage: Storage, shape: Shape): Tensor => new Tensor(storage, shape, contiguousStrides(shape), 0);

export const deviceOf = (t: Tensor): Device => t.storage.device;

export type { GradHook, RemovableHandle };
