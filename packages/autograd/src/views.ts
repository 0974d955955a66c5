import {
  AutogradError,
  extentOf,
  isContiguous,
  overlapsItself,
  type Shape,
  ShapeError,
  type Strides,
  state,
} from "@kindling/storage";
import { type Derivative, type Grad, Node, NodeHooks } from "./node.js";
import { full, zeros, zerosLike } from "./ops/creation.js";
import { div } from "./ops/pointwise.js";
import { contiguous } from "./ops/shape.js";
import { asStrided, asStridedScatter, expandedTo, reshape } from "./ops/views.js";
import { edgeOf, recording, recordingAny } from "./record.js";
import { type Tensor, Tensor as TensorClass, type ViewKind } from "./tensor.js";

/** Where a view lies, relative to the storage. */
export interface Geometry {
  readonly shape: Shape;
  readonly strides: Strides;
  readonly offset: number;
}

const geometryOf = (t: Tensor): Geometry => ({ shape: t.shape, strides: t.strides, offset: t.offset });

/** A view of `t`'s memory; in-place writes through it reach `t` and the graph. */
export function viewOf(t: Tensor, shape: Shape, strides: Strides, offset: number, kind?: ViewKind): Tensor {
  const out = new TensorClass(t.storage, shape, strides, offset);
  out.counter = t.counter;
  out.inference = t.inference;
  if (!t.inference) {
    out.base = t.base ?? t;
    out.viewVersion = t.counter.version;
    const made = kind ?? (state.gradEnabled ? "ordinary" : state.inferenceMode ? "inference" : "noGrad");
    out.viewKind = made === "ordinary" ? t.viewKind : made;
  }
  return out;
}

/**
 * Makes a view's node anew after its base was changed in place; without one, the view is a constant.
 * @throws AutogradError for views of the kinds that must not see their base change.
 */
export function refreshView(view: Tensor): Node | null {
  const base = view.base as Tensor;
  const edge = edgeOf(base);
  const { node: before, outputNumber } = view;
  if (before === null && edge === null) return null;
  checkViewRule(view, true);
  const number = edge !== null && edge === base.node && base.outputNumber !== 0 ? [base.outputNumber] : null;
  const node = new Node(AS_STRIDED, [edge], number, view.shape, view.dtype, view.storage.device);
  node.context = { base: geometryOf(base), view: geometryOf(view) } satisfies BaseAndView;
  view.node = node;
  view.outputNumber = 0;
  view.viewVersion = view.counter.version;
  moveRetained(view, before, outputNumber);
  return node;
}

interface BaseAndView {
  readonly base: Geometry;
  readonly view: Geometry;
}

/** The elements of `t`, which has the shape of `layout`, laid out in one row as `layout` lays them in memory. */
function flatten(t: Tensor, layout: Geometry): Tensor {
  if (isContiguous(layout.shape, layout.strides)) return reshape(contiguous(t), [-1]);
  const row = zeros([extentOf(layout.shape, layout.strides)], { dtype: t.dtype, device: t.device });
  return asStridedScatter(row, t, layout.shape, layout.strides, 0);
}

/** How many elements of `layout` lie at each place of `row` (at least 1): they share its gradient. */
function sharers(row: Tensor, { shape, strides, offset }: Geometry, start: number): Tensor {
  const ones = full([], 1, { dtype: row.dtype, device: row.device }).expand(shape as number[]);
  return asStridedScatter(row, ones, shape, strides, offset - start, "sum").clampMin(1);
}

/** The derivative of reading a view off its base's memory; the same as that of `asStrided`. */
export const AS_STRIDED: Derivative = {
  name: "AsStridedBackward0",
  backward(node, grad) {
    const { base, view } = node.context as BaseAndView;
    const start = Math.min(base.offset, view.offset);
    const length = Math.max(
      base.offset - start + extentOf(base.shape, base.strides),
      view.offset - start + extentOf(view.shape, view.strides),
    );
    const row = zeros([length], { dtype: grad.dtype, device: grad.device });
    const sums = asStridedScatter(row, grad, view.shape, view.strides, view.offset - start, "sum");
    const filled = overlapsItself(base.shape, base.strides) ? div(sums, sharers(row, base, start)) : sums;
    return asStrided(filled, base.shape, base.strides, base.offset - start);
  },
};

/** The node of a base after a write through one of its views: outside the view the gradient passes, inside the write's derivative has its say. */
const COPY_SLICES: Derivative = {
  name: "CopySlices",
  backward(node, grad) {
    const { base, view, inner, position } = node.context as BaseAndView & { inner: Node; position: number };
    const row = flatten(grad, base);
    const offset = view.offset - base.offset;
    const slice = asStrided(row, view.shape, view.strides, row.offset + offset);
    const results = inner.derivative.backward(inner, slice, [slice]);
    const grads = Array.isArray(results) ? [...(results as Grad[])] : [results as Grad];
    const own = grads[position] ?? null;
    const inside = own === null ? zerosLike(slice) : expandedTo(own, view.shape);
    const rest = asStridedScatter(row, inside, view.shape, view.strides, offset);
    grads[position] = asStrided(rest, base.shape, base.strides, 0);
    return grads;
  },
};

/** The same after a write by a custom function: what its derivative returns may be known to others. */
const COPY_SLICES_FOREIGN: Derivative = { ...COPY_SLICES, foreign: true };

class CopySlices extends Node {
  constructor(base: Tensor, view: Tensor, inner: Node, position: number) {
    const edge = edgeOf(base);
    const inputs = inner.inputs.map((input, i) => (i === position ? edge : input));
    const number = edge !== null && edge === base.node ? base.outputNumber : 0;
    const numbers =
      number === 0 && inner.inputNumbers === null
        ? null
        : inner.inputs.map((_, i) => (i === position ? number : (inner.inputNumbers?.[i] ?? 0)));
    super(
      inner.derivative.foreign ? COPY_SLICES_FOREIGN : COPY_SLICES,
      inputs,
      numbers,
      base.shape,
      base.dtype,
      base.storage.device,
    );
    inner.inputs = inputs; // so that the inner derivative knows what is wanted
    this.context = { base: geometryOf(base), view: geometryOf(view), inner, position };
  }

  override release(): void {
    (this.context as { inner: Node }).inner.release();
  }
}

const LEAF = "a leaf Variable that requires grad is being used in an in-place operation.";

/** What views of a kind must not see, and what to do instead. */
const viewRules: Record<Exclude<ViewKind, "ordinary">, string> = {
  noGrad: ambiguous("noGrad"),
  inference: ambiguous("inferenceMode"),
  multiOutput:
    "This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one.",
  customFunction:
    "This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to handle view+inplace would override the custom backward associated with the custom Function, leading to incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of the custom Function.",
};

function ambiguous(mode: string): string {
  return `Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside the ${mode} block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked).`;
}

/** Refuses a change of view `t`; `indirect`: one that has happened, through its base. */
function checkViewRule(t: Tensor, indirect: boolean): void {
  const { node, viewKind } = t;
  if (viewKind === "ordinary") return;
  const done = `${indirect ? "its base or another view of its base has been" : "is being"} modified inplace`;
  const made =
    node !== null
      ? `Output ${t.outputNumber} of ${node.name} is a view and ${done}.`
      : viewKind === "inference"
        ? `A view was created in inference mode and ${done} in normal mode.`
        : `A view was created in noGrad mode and ${done} with grad mode enabled.`;
  throw new AutogradError(`${made} ${viewRules[viewKind]}`, { kind: viewKind });
}

/**
 * Asks whether `self` may be changed in place by an operator on `others` (its elements, where it `writes`), and whether the graph must know of it.
 * @throws AutogradError for leaves that require grad, their views, and views of the kinds that forbid it.
 * @throws ShapeError where elements of `self` share memory.
 */
export function beginInPlace(self: Tensor, others: readonly (Tensor | null)[] = []): boolean {
  const records = beginFill(self, others);
  if (overlapsItself(self.shape, self.strides)) {
    throw new ShapeError(
      "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.",
      { shape: self.shape, strides: self.strides },
    );
  }
  return records;
}

/** The same where elements that share memory do no harm: one value written everywhere, or another layout. */
export function beginFill(self: Tensor, others: readonly (Tensor | null)[] = []): boolean {
  if (self.inference && !state.inferenceMode) {
    throw new AutogradError(
      "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor before doing inplace update.",
    );
  }
  const records = recording(self) || recordingAny(others);
  if (records) {
    if (self.base !== null) {
      checkViewRule(self, false);
      if (self.requiresGrad && self.base.isLeaf) throw new AutogradError(`a view of ${LEAF}`);
    }
    if (self.isLeaf && self.requiresGrad) throw new AutogradError(LEAF);
  }
  return records;
}

/** Counts a write into `self`'s memory. */
export function bumpVersion(self: Tensor): void {
  self.counter.version++;
  self.storage.touch();
}

/** After the write: `node`, one of whose inputs (the first, if not told) was `self`, becomes its history; through a view also the base's. */
export function rebase(self: Tensor, node: Node, position = 0): void {
  const base = self.base;
  if (base === null) {
    remake(self, node);
    return;
  }
  remake(base, new CopySlices(base, self, node, position));
  refreshView(self);
}

function remake(self: Tensor, node: Node): void {
  const before = self.node;
  const number = self.outputNumber;
  self.node = node;
  self.outputNumber = 0;
  self.leafRequiresGrad = false;
  moveRetained(self, before, number);
}

/** `retainGrad` follows the tensor; its hooks stay with the value that was there before. */
function moveRetained(self: Tensor, before: Node | null, number: number): void {
  if (before?.hooks?.retain.get(number) !== self || self.node === null) return;
  before.hooks.retain.delete(number);
  self.node.hooks ??= new NodeHooks();
  self.node.hooks.retain.set(self.outputNumber, self);
}
