import { type Device, type DType, type Shape, state } from "@kindling/storage";
import { accumulatorOf } from "./accumulate.js";
import { type Derivative, Node } from "./node.js";
import { nodeOf, type Tensor, tracked } from "./tensor.js";

/** Whether an operator on these tensors goes into the graph. */
export function recording(a: Tensor, b?: Tensor | null, c?: Tensor | null): boolean {
  return state.gradEnabled && (tracked(a) || (b != null && tracked(b)) || (c != null && tracked(c)));
}

export function recordingAny(tensors: readonly (Tensor | null)[]): boolean {
  return state.gradEnabled && tensors.some((t) => t !== null && tracked(t));
}

/** `f` of `args`, of which nothing is recorded. */
export function unrecorded<A extends unknown[], R>(f: (...args: A) => R, ...args: A): R {
  const before = state.gradEnabled;
  state.gradEnabled = false;
  try {
    return f(...args);
  } finally {
    state.gradEnabled = before;
  }
}

/** Where the gradient of `t` goes: the node that made it, or a leaf's accumulator, or nowhere. */
export function edgeOf(t: Tensor): Node | null {
  return nodeOf(t) ?? (t.leafRequiresGrad ? accumulatorOf(t) : null);
}

/** A node over `inputs` (`null`: not a tensor) whose first output looks as told. */
export function makeNode(
  derivative: Derivative,
  inputs: readonly (Tensor | null)[],
  shape: Shape,
  dtype: DType,
  device: Device,
): Node {
  const n = inputs.length;
  const edges = new Array<Node | null>(n);
  let numbers: number[] | null = null;
  for (let i = 0; i < n; i++) {
    const t = inputs[i];
    const edge = t === null ? null : edgeOf(t);
    edges[i] = edge;
    if (edge !== null && (t as Tensor).outputNumber !== 0 && edge === (t as Tensor).node) {
      numbers ??= new Array<number>(n).fill(0);
      numbers[i] = (t as Tensor).outputNumber;
    }
  }
  return new Node(derivative, edges, numbers, shape, dtype, device);
}

/** Makes `out` the result of a node over `inputs`; the node is returned for saving values on it. */
export function record(derivative: Derivative, out: Tensor, inputs: readonly (Tensor | null)[]): Node {
  const node = makeNode(derivative, inputs, out.shape, out.storage.dtype, out.storage.device);
  out.node = node;
  out.viewVersion = out.counter.version;
  return node;
}

/** The same for an operator of several outputs. */
export function recordMany(derivative: Derivative, outs: readonly Tensor[], inputs: readonly (Tensor | null)[]): Node {
  const node = record(derivative, outs[0], inputs);
  node.moreOutputs = outs.slice(1).map((t, i) => {
    t.node = node;
    t.outputNumber = i + 1;
    t.viewVersion = t.counter.version;
    return { shape: t.shape, dtype: t.dtype, device: t.storage.device };
  });
  return node;
}
