import { type KernelProvider, numelOf, type ReduceName, type View } from "@kindling/storage";
import { area, available, BLOCK, bring, type Floats, f64, fetch, floats, i32, kernel, OUT } from "./blocks.js";
import { limits } from "./limits.js";

/*
 * Reductions of float32 and float64 that lie without gaps, in any order of their dimensions. Dimensions that are reduced or kept
 * together are one; what is left is one of five forms (outermost first, R reduced, K kept): R, K R, R K, K R K, R K R. Either
 * rows are reduced, or columns: rows are added to one another. In float64, which the result is rounded from.
 */

/** Accumulators, float64; columns pass their end by up to three. */
const TOTALS = area(1);
const MOST_TOTALS = BLOCK / 8 - 8;

// The plan of the current call: `accepts` makes it, `run` follows.
const size: number[] = [];
const kept: boolean[] = [];
let count = 0;

const start = { sum: 0, prod: 1, max: -Infinity, min: Infinity, argmax: 0, argmin: 0 };

/** Merges dimensions; `false` where this is no form of those above. */
function plan(out: View, a: View): boolean {
  const { shape, strides } = a;
  const order: number[] = [];
  for (let d = 0; d < shape.length; d++) if (shape[d] !== 1) order.push(d);
  order.sort((p, q) => strides[q] - strides[p]);
  let step = 1;
  let place = 1;
  for (let i = order.length - 1; i >= 0; i--) {
    const d = order[i];
    if (strides[d] !== step || shape[d] === 0) return false;
    step *= shape[d];
    if (out.shape[d] === 1) continue;
    if (out.strides[d] !== place) return false;
    place *= shape[d];
  }
  count = 0;
  for (const d of order) {
    const keeps = out.shape[d] !== 1;
    if (count > 0 && kept[count - 1] === keeps) size[count - 1] *= shape[d];
    else {
      size[count] = shape[d];
      kept[count++] = keeps;
    }
  }
  if (count === 0 || (count === 1 && kept[0]) || count > 3) return false;
  return count < 3 || kept[0] || size[1] <= MOST_TOTALS;
}

/** Writes `n` accumulators to the result, from `at` on. */
function deliver(out: View, at: number, n: number): void {
  const array = floats(out);
  const first = TOTALS / 8;
  if (n <= 8 || array.BYTES_PER_ELEMENT === 8) {
    for (let i = 0; i < n; i++) array[out.offset + at + i] = f64[first + i];
    return;
  }
  kernel("narrow")(OUT, TOTALS, n);
  fetch(array, out.offset + at, n);
}

function clear(name: ReduceName, n: number): void {
  const first = TOTALS / 8;
  f64.fill(start[name], first, first + n);
}

function family(width: 4 | 8) {
  const most = BLOCK / width;
  const A = area(0);

  /** Reduces rows of `n`, in so many at a time as fit; `combine` tells rows that come again from rows that are done. */
  function rowwise(name: ReduceName, out: View, array: Floats, from: number, rows: number, n: number): void {
    const run = kernel(`${name}Rows${width * 8}`);
    if (n > most) {
      for (let r = 0; r < rows; r++) {
        clear(name, 1);
        for (let c = 0; c < n; c += most) {
          const part = Math.min(most, n - c);
          bring(A, array, from + r * n + c, part);
          run(TOTALS, A, 1, part);
        }
        deliver(out, r, 1);
      }
      return;
    }
    const several = Math.min(Math.floor(most / n), MOST_TOTALS);
    for (let r = 0; r < rows; r += several) {
      const more = Math.min(several, rows - r);
      clear(name, more);
      bring(A, array, from + r * n, more * n);
      run(TOTALS, A, more, n);
      deliver(out, r, more);
    }
  }

  /** R K R: rows come again and again. */
  function rowsAgain(name: ReduceName, out: View, array: Floats, from: number): void {
    const [times, rows, n] = size;
    const run = kernel(`${name}Rows${width * 8}`);
    clear(name, rows);
    const several = Math.max(1, Math.floor(most / n));
    for (let t = 0; t < times; t++) {
      for (let r = 0; r < rows; r += several) {
        const more = Math.min(several, rows - r);
        const first = from + (t * rows + r) * n;
        for (let c = 0; c < n; c += most) {
          const part = n > most ? Math.min(most, n - c) : n;
          bring(A, array, first + c, more * part);
          run(TOTALS + r * 8, A, more, part);
        }
      }
    }
    deliver(out, 0, rows);
  }

  /** Adds up `rows` rows of `n`, in pieces of columns where they are long. */
  function columnwise(name: ReduceName, out: View, array: Floats, from: number, at: number, rows: number, n: number) {
    const run = kernel(`${name}Columns${width * 8}`);
    const piece = Math.min(n, MOST_TOTALS);
    for (let c = 0; c < n; c += piece) {
      const columns = Math.min(piece, n - c);
      clear(name, columns + 4);
      const several = Math.max(1, Math.floor(most / columns));
      for (let r = 0; r < rows; r += several) {
        const more = Math.min(several, rows - r);
        if (columns === n) bring(A, array, from + r * n, more * n);
        else for (let i = 0; i < more; i++) bring(A + i * columns * width, array, from + (r + i) * n + c, columns);
        run(TOTALS, A, more, columns);
      }
      deliver(out, at + c, columns);
    }
  }

  function positions(name: ReduceName, out: View, array: Floats, from: number, rows: number, n: number): void {
    const run = kernel(`${name}${width * 8}`);
    const found = out.storage.handle as Int32Array;
    if (n > most) {
      for (let r = 0; r < rows; r++) {
        let best = -1;
        for (let c = 0; c < n; c += most) {
          bring(A, array, from + r * n + c, Math.min(most, n - c));
          run(OUT, A, 1, Math.min(most, n - c));
          const at = c + i32[OUT / 4];
          const x = array[from + r * n + at];
          const y = array[from + r * n + best];
          if (best < 0 || (name === "argmax" ? x > y : x < y) || Number.isNaN(x)) best = at;
          if (Number.isNaN(x)) break;
        }
        found[out.offset + r] = best;
      }
      return;
    }
    const several = Math.floor(most / n);
    for (let r = 0; r < rows; r += several) {
      const more = Math.min(several, rows - r);
      bring(A, array, from + r * n, more * n);
      run(OUT, A, more, n);
      for (let i = 0; i < more; i++) found[out.offset + r + i] = i32[OUT / 4 + i];
    }
  }

  return {
    accepts(name: ReduceName, out: View, a: View, dims: readonly number[]): boolean {
      if (numelOf(a.shape) < limits.reduction || dims.length === 0 || !plan(out, a)) return false;
      // positions along rows only
      return (name !== "argmax" && name !== "argmin" ? true : count < 3 && !kept[count - 1]) && available();
    },
    run(name: ReduceName, out: View, a: View): void {
      const array = floats(a);
      const from = a.offset;
      if (name === "argmax" || name === "argmin") {
        positions(name, out, array, from, count === 2 ? size[0] : 1, size[count - 1]);
      } else if (!kept[count - 1]) {
        if (count === 3) rowsAgain(name, out, array, from);
        else rowwise(name, out, array, from, count === 2 ? size[0] : 1, size[count - 1]);
      } else {
        const [rows, n] = [size[count - 2], size[count - 1]];
        const planes = count === 3 ? size[0] : 1;
        for (let p = 0; p < planes; p++) columnwise(name, out, array, from + p * rows * n, p * n, rows, n);
      }
    },
  };
}

export const reductions: KernelProvider["kernels"] = {
  reduce: { float32: family(4), float64: family(8) },
};
