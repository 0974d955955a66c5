import {
  AutogradError,
  contiguousStrides,
  type Device,
  formatShape,
  isContiguous,
  isExpandable,
  numelOf,
  type Shape,
  sameShape,
  state,
} from "@kindling/storage";
import { Accumulator } from "./accumulate.js";
import { watched } from "./anomaly.js";
import { rawAdd } from "./dispatch.js";
import { type Grad, type Node, type NodeHooks, type OutputMeta, Visit } from "./node.js";
import { add } from "./ops/pointwise.js";
import { sumToSize } from "./ops/reduction.js";
import { to } from "./ops/shape.js";
import { isTensor, type Tensor, Tensor as TensorClass } from "./tensor.js";

/*
 * Reverse-mode differentiation. A pass starts with gradients at some nodes and walks the graph newest node first: every
 * user of a value is newer than the value's own node, so when a node's turn comes all its users have delivered, and the sum
 * of what they delivered is the gradient. Nothing here recurses: depth costs memory, not stack.
 */

/** Where a pass begins: output `number` of `node`, with its gradient. */
export interface Root {
  readonly node: Node;
  readonly number: number;
  readonly grad: Grad;
}

/** A gradient that a pass hands to its caller instead of (or besides) passing it on. */
export interface Capture {
  /** Where the gradient is caught; `null` where none can arrive. */
  readonly node: Node | null;
  readonly number: number;
  grad: Grad;
}

export interface PassOptions {
  /** Keep saved values for another pass. */
  readonly retainGraph: boolean;
  /** Record the derivatives' own operations. */
  readonly createGraph: boolean;
  /** Walk only where it leads to these, and collect their gradients here. `null`: walk everything. */
  readonly captures: readonly Capture[] | null;
  /** Whether captured leaves accumulate into `.grad` (`backward({ inputs })`) instead of only being handed out. */
  readonly accumulate: boolean;
}

/** Runs a pass. May be called while another one runs, from hooks and derivatives. */
export function run(roots: readonly Root[], options: PassOptions): void {
  const modeBefore = state.gradEnabled;
  state.gradEnabled = options.createGraph;
  depth++;
  const visited: Node[] = [];
  try {
    discover(roots, visited);
    const captures = options.captures && byNode(options.captures);
    if (captures) markNeeded(visited, captures);
    const ready = new ReadyQueue();
    for (const { node, number, grad } of roots) {
      if (grad !== null) deliver(visitOf(node), number, grad, false);
    }
    for (const { node } of roots) {
      const visit = visitOf(node);
      if (visit.dependencies === 0) {
        visit.dependencies = -1; // a node may be named by several roots
        ready.push(node);
      }
    }
    for (let node = ready.pop(); node !== null; node = ready.pop()) step(node, ready, options, captures);
  } finally {
    for (const node of visited) node.visit = visitOf(node).outer;
    depth--;
    state.gradEnabled = modeBefore;
  }
}

const visitOf = (node: Node): Visit => node.visit as Visit;

/** Gives every node below the roots a fresh visit, with the number of edges that lead to it, and lists them in `visited`. */
function discover(roots: readonly Root[], visited: Node[]): void {
  const mine = depth > 1 ? new Set<Node>() : null;
  for (const root of roots) enter(root.node, visited, mine);
  for (let i = 0; i < visited.length; i++) {
    for (const input of visited[i].inputs) {
      if (input === null) continue;
      enter(input, visited, mine);
      visitOf(input).dependencies++;
    }
  }
}

function enter(node: Node, visited: Node[], mine: Set<Node> | null): void {
  if (mine === null ? node.visit !== null : mine.has(node)) return;
  mine?.add(node);
  node.visit = new Visit(node.visit);
  visited.push(node);
}

/** Passes that are running; a nested one may meet nodes that an outer one is visiting. */
let depth = 0;

/** The captures at each node. */
type Captures = ReadonlyMap<Node, readonly Capture[]>;

function byNode(captures: readonly Capture[]): Captures {
  const map = new Map<Node, Capture[]>();
  for (const capture of captures) {
    if (capture.node === null) continue;
    const here = map.get(capture.node);
    if (here) here.push(capture);
    else map.set(capture.node, [capture]);
  }
  return map;
}

/** Leaves `needed` only on the captures' nodes and on those that lead to them. */
function markNeeded(visited: readonly Node[], captures: Captures): void {
  const oldestFirst = [...visited].sort((a, b) => a.sequence - b.sequence);
  for (const node of oldestFirst) {
    const visit = visitOf(node);
    visit.captured = captures.has(node);
    visit.needed = visit.captured;
    for (const input of node.inputs) {
      if (visit.needed) break;
      visit.needed = input !== null && visitOf(input).needed;
    }
  }
}

/** One node's turn: complete its gradient, let listeners see it, differentiate, deliver. */
function step(node: Node, ready: ReadyQueue, options: PassOptions, captures: Captures | null): void {
  const visit = visitOf(node);
  if (visit.needed) {
    visit.pending?.settle(visit);
    if (node.hooks !== null) listen(node.hooks, node, visit);
    const captured = captures !== null && capture(visit, captures.get(node));
    if (node instanceof Accumulator) {
      if (visit.grad !== null && (captures === null || (captured && options.accumulate))) {
        state.gradEnabled = options.createGraph;
        arrive(node, visit);
      }
    } else differentiate(node, visit, options);
  }
  visit.grad = null;
  visit.pending = null;
  visit.more = null;
  for (const input of node.inputs) {
    if (input === null) continue;
    const below = visitOf(input);
    if (--below.dependencies === 0) ready.push(input);
  }
}

/** A leaf's gradient is complete. */
function arrive(leaf: Accumulator, visit: Visit): void {
  if (leaf.hooks === null) {
    leaf.arrive(visit.grad as Tensor, visit.owned);
    return;
  }
  let grads: readonly Grad[] = [visit.grad];
  for (const hook of [...leaf.hooks.pre]) grads = replaced(hook(grads), grads);
  if (grads[0] !== null) leaf.arrive(grads[0], false);
  for (const hook of [...leaf.hooks.post]) replaced(hook([], grads), []);
}

function differentiate(node: Node, visit: Visit, options: PassOptions): void {
  const { derivative, inputs } = node;
  if (options.captures !== null && !inputs.some((input) => input !== null && visitOf(input).needed)) return;
  if (visit.grad === null && visit.more === null && !derivative.acceptsUndefined) return;
  let grads: readonly Grad[] = visit.more === null ? [visit.grad] : [visit.grad, ...visit.more];
  if (node.hooks) for (const hook of [...node.hooks.pre]) grads = replaced(hook(grads), grads);

  const mark = state.stamp;
  state.gradEnabled = options.createGraph;
  const result = state.anomaly ? watched(node, grads) : derivative.backward(node, grads[0] as Tensor, grads);
  let results: readonly Grad[] = Array.isArray(result) ? result : [result as Grad];
  if (node.hooks) for (const hook of [...node.hooks.post]) results = replaced(hook(results, grads), results);
  if (!options.retainGraph) node.release();

  const mayOwn = !options.createGraph && !derivative.foreign && node.hooks === null;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i];
    let grad = results[i] ?? null;
    if (input === null || grad === null || !visitOf(input).needed) continue;
    const number = node.inputNumbers === null ? 0 : node.inputNumbers[i];
    grad = conform(node, i, grad, input.output(number));
    const owned = mayOwn && grad.storage.id > mark && onlyHolder(results, i, grad) && grad.node === null;
    deliver(visitOf(input), number, grad, owned);
  }
}

/** Whether no other result shares the memory of result `i`. */
function onlyHolder(results: readonly Grad[], i: number, grad: Tensor): boolean {
  for (let j = 0; j < results.length; j++) {
    if (j !== i && results[j]?.storage === grad.storage) return false;
  }
  return grad.storage.length === grad.numel() && isContiguous(grad.shape, grad.strides);
}

/** Adds a gradient to what has already arrived for an output. */
function deliver(visit: Visit, number: number, grad: Tensor, owned: boolean): void {
  if (number > 0) {
    visit.more ??= [];
    while (visit.more.length < number) visit.more.push(null);
    const before = visit.more[number - 1];
    visit.more[number - 1] = before === null ? grad : add(before, grad);
  } else if (visit.grad === null) {
    visit.grad = grad;
    visit.owned = owned;
  } else if (visit.owned) rawAdd(visit.grad, grad);
  else if (owned) {
    rawAdd(grad, visit.grad); // the same sum, in memory that may be kept
    visit.grad = grad;
    visit.owned = true;
  } else {
    visit.grad = add(visit.grad, grad);
    visit.owned = !state.gradEnabled;
  }
}

/** Runs the hooks of the output tensors, and keeps the gradients that were asked for by `retainGrad`. */
function listen(hooks: NodeHooks, node: Node, visit: Visit): void {
  for (const [number, list] of hooks.tensor) {
    for (const hook of [...list]) {
      const grad = number === 0 ? visit.grad : (visit.more?.[number - 1] ?? null);
      if (grad === null) break;
      visit.owned = false; // the hook may have kept it
      const replaced = hook(grad);
      if (replaced === undefined || replaced === null) continue;
      if (!isTensor(replaced)) {
        throw new AutogradError(`expected Tensor, but hook returned '${typeof replaced}'`, { operation: node.name });
      }
      checkReplacement(grad, replaced);
      if (number === 0) visit.grad = replaced;
      else (visit.more as Grad[])[number - 1] = replaced;
    }
  }
  for (const [number, tensor] of hooks.retain) {
    const grad = number === 0 ? visit.grad : (visit.more?.[number - 1] ?? null);
    if (grad !== null) new Accumulator(tensor).accumulate(grad, false);
  }
}

/** What a hook of a node made of `grads`: the same, or as many others. */
function replaced(result: readonly Grad[] | undefined | void, grads: readonly Grad[]): readonly Grad[] {
  if (result === undefined || result === null) return grads;
  const all: readonly unknown[] = isTensor(result) && grads.length === 1 ? [result] : result;
  if (!Array.isArray(all)) {
    throw new AutogradError(`expected an array, but hook returned '${isTensor(result) ? "Tensor" : typeof result}'`);
  }
  if (all.length !== grads.length) {
    throw new AutogradError(
      `hook has returned an incorrect number of values (got ${all.length}, but expected ${grads.length})`,
      { got: all.length, expected: grads.length },
    );
  }
  return all.map((value, i) => {
    const grad = grads[i] ?? null;
    if (value === null || value === undefined) return null;
    if (grad === null) throw new AutogradError("can't replace a null gradient with a non-null value");
    if (!isTensor(value)) throw new AutogradError(`expected Tensor, but hook returned '${typeof value}'`);
    checkReplacement(grad, value);
    return value;
  });
}

function checkReplacement(grad: Tensor, replaced: Tensor): void {
  if (replaced.dtype !== grad.dtype) {
    throw new AutogradError(`hook has changed the type of value (was ${grad.dtype} got ${replaced.dtype})`);
  }
  if (replaced.device !== grad.device) {
    throw new AutogradError(`hook has changed the device of value (was ${grad.device} got ${replaced.device})`);
  }
  if (!sameShape(replaced.shape, grad.shape)) throw new AutogradError("hook has changed the size of value");
}

function capture(visit: Visit, captures: readonly Capture[] | undefined): boolean {
  if (captures === undefined) return false;
  for (const c of captures) c.grad = c.number === 0 ? visit.grad : (visit.more?.[c.number - 1] ?? null);
  visit.owned = false;
  return true;
}

/** Brings a derivative's result to the shape and dtype of the input it belongs to. */
function conform(node: Node, index: number, grad: Tensor, meta: OutputMeta): Tensor {
  if (!isTensor(grad)) {
    throw new AutogradError(
      `Function ${node.name} returned an invalid gradient at index ${index} - expected a Tensor or null but got ${typeof grad}`,
    );
  }
  const out = sameShape(grad.shape, meta.shape) ? grad : summed(node, index, grad, meta.shape);
  if (out.storage.device !== meta.device) {
    const wrong = (device: Device): string => device.name;
    throw new AutogradError(
      `Function ${node.name} returned an invalid gradient at index ${index} - expected device ${wrong(meta.device)} but got ${out.device}`,
    );
  }
  return out.storage.dtype === meta.dtype ? out : to(out, meta.dtype);
}

/** A gradient of a broadcast result, summed to the shape of the input. */
function summed(node: Node, index: number, grad: Tensor, shape: Shape): Tensor {
  if (!isExpandable(shape, grad.shape)) {
    throw new AutogradError(
      `Function ${node.name} returned an invalid gradient at index ${index} - got ${formatShape(grad.shape)} but expected shape compatible with ${formatShape(shape)}`,
      { index, got: grad.shape, expected: shape, operation: node.name },
    );
  }
  if (state.gradEnabled || numelOf(shape) !== grad.numel() || !grad.isContiguous()) return sumToSize(grad, shape);
  return new TensorClass(grad.storage, shape, contiguousStrides(shape), grad.offset); // only dimensions of size 1 go
}

/** Nodes whose users have all delivered, newest first; leaves before all others, so that they finish early. */
class ReadyQueue {
  readonly #heap: Node[] = [];

  push(node: Node): void {
    const heap = this.#heap;
    let i = heap.length;
    heap.push(node);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(node, heap[parent])) break;
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = node;
  }

  pop(): Node | null {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (last === undefined) return null;
    if (heap.length === 0) return last;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++;
      if (!before(heap[child], last)) break;
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = last;
    return top;
  }
}

function before(a: Node, b: Node): boolean {
  const leafA = a.inputs.length === 0;
  return leafA === (b.inputs.length === 0) ? a.sequence > b.sequence : leafA;
}
