import { IndexError, type View } from "@kindling/storage";
import { floats } from "./memory.js";

/* Rows of a table by their numbers, and back: fast paths of autograd/src/ops/lookup.ts. Plain loops: nothing is computed. */

/** From so many elements on a row is copied as a part of the array. */
const LONG = 48;

function checked(row: number, rows: number): number {
  if (row >= 0 && row < rows) return row;
  throw new IndexError(`index ${row} is out of bounds for dimension 0 with size ${rows}`, { index: row, size: rows });
}

const forward = {
  run(out: View, table: View, index: View): void {
    const [to, from, numbers] = [floats(out), floats(table), index.storage.handle as Int32Array];
    const [rows, n] = table.shape;
    for (let i = 0, at = out.offset; i < out.shape[0]; i++, at += n) {
      const start = table.offset + checked(numbers[index.offset + i], rows) * n;
      if (n >= LONG) to.set(from.subarray(start, start + n), at);
      else for (let k = 0; k < n; k++) to[at + k] = from[start + k];
    }
  },
};

const backward = {
  run(out: View, grad: View, index: View, factor: View | null): void {
    const [to, from, numbers] = [floats(out), floats(grad), index.storage.handle as Int32Array];
    const factors = factor === null ? null : floats(factor);
    const [rows, n] = out.shape;
    to.fill(0, out.offset, out.offset + rows * n);
    for (let i = 0, at = grad.offset; i < grad.shape[0]; i++, at += n) {
      const start = out.offset + checked(numbers[index.offset + i], rows) * n;
      const f = factors === null ? 1 : factors[(factor as View).offset + i];
      for (let k = 0; k < n; k++) to[start + k] += f * from[at + k];
    }
  },
};

export const embedding = {
  embedding: { float32: forward, float64: forward },
  embeddingBackward: { float32: backward, float64: backward },
};
