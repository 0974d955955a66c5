import { type Shape, state } from "@kindling/storage";
import { fresh, windowOn } from "./dispatch.js";
import type { Node, Visit } from "./node.js";
import { add } from "./ops/pointwise.js";
import type { Tensor } from "./tensor.js";

/*
 * A weight that is used many times with few rows each, as once a letter of a name, gets as many gradients `leftᵀ · right`, each
 * of its own size. A pass keeps their rows instead, and makes the sum of all of them by one product when the weight's turn comes.
 */

/** A product of more rows is computed at once. */
const FEW = 16;
/** Rows that are kept at most. */
const MOST = 256;

/** A sum of products `leftᵀ · right` (M, N), as the rows (rows, M) and (rows, N) that were copied here so far. */
export class PendingProduct {
  readonly #left: Tensor;
  readonly #right: Tensor;
  readonly #capacity: number;
  #rows = 0;

  /** Has room for `count` pairs like these. */
  constructor(left: Tensor, right: Tensor, count: number) {
    const { device, dtype } = left.storage;
    this.#capacity = Math.min(count * left.shape[0], MOST);
    this.#left = fresh(device, dtype, [this.#capacity, left.shape[1]], "matmul");
    this.#right = fresh(device, dtype, [this.#capacity, right.shape[1]], "matmul");
  }

  /** Takes rows in, unless there is no room for them. */
  append(left: Tensor, right: Tensor): boolean {
    const rows = left.shape[0];
    if (this.#rows + rows > this.#capacity) return false;
    copyRows(this.#left, this.#rows, left);
    copyRows(this.#right, this.#rows, right);
    this.#rows += rows;
    return true;
  }

  /** Adds the sum to the gradient of `visit`, and starts anew. */
  settle(visit: Visit): void {
    if (this.#rows === 0) return;
    const { device, dtype } = this.#left.storage;
    const [m, n] = [this.#left.shape[1], this.#right.shape[1]];
    const adds = visit.grad !== null && visit.owned;
    const out = adds ? (visit.grad as Tensor) : fresh(device, dtype, [m, n], "matmul");
    device.kernels.matmul[dtype](
      windowOn(out, [1, m, n], [m * n, n, 1]), // owned gradients are contiguous
      windowOn(this.#left, [1, m, this.#rows], [0, 1, m], 0),
      windowOn(this.#right, [1, this.#rows, n], [0, n, 1], 0),
      adds,
    );
    if (adds) out.storage.touch();
    else visit.grad = visit.grad === null ? out : add(visit.grad, out);
    visit.owned = true;
    this.#rows = 0;
    // other rows come in their place: what a kernel has kept of them is void
    this.#left.storage.touch();
    this.#right.storage.touch();
  }
}

function copyRows(buffer: Tensor, from: number, rows: Tensor): void {
  const { device, dtype } = rows.storage;
  device.kernels.copy[dtype](windowOn(buffer, rows.shape, buffer.strides, from * buffer.strides[0]), rows);
}

/**
 * Leaves `leftᵀ · right`, the gradient of input `i` of `node`, to the pass that runs the node. `false` where it cannot wait: where
 * others may look at it or it is recorded, and where the pass expects no further gradient of that input.
 */
export function postpone(node: Node, i: number, left: Tensor, right: Tensor): boolean {
  const visit = node.visit === null || node.hooks !== null ? null : (node.inputs[i]?.visit ?? null);
  if (visit === null || state.gradEnabled || state.anomaly !== null || left.shape[0] > FEW) return false;
  if (node.inputNumbers !== null && node.inputNumbers[i] !== 0) return false;
  if (visit.pending === null) {
    if (visit.dependencies < 2 || !isMatrix(node.inputs[i] as Node, left.shape[1], right.shape[1])) return false;
    visit.pending = new PendingProduct(left, right, visit.dependencies);
  }
  if (visit.pending.append(left, right)) return true;
  visit.pending.settle(visit);
  return visit.pending.append(left, right);
}

/** Whether that is what the product gives; a weight may have been exchanged for another since. */
const isMatrix = ({ shape }: { shape: Shape }, rows: number, columns: number): boolean =>
  shape.length === 2 && shape[0] === rows && shape[1] === columns;
