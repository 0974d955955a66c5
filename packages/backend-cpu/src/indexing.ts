import { type BinaryName, IndexError, type ScatterReduction } from "@kindling/storage";
import { moveRow } from "./copy.js";
import { each1, each3, type Loop1, type Loop3 } from "./iterate.js";
import { type Scalar, type Strided, viewOf } from "./memory.js";
import { binaryRow } from "./pointwise.js";

function outOfBounds(index: number, dim: number, size: number): never {
  throw new IndexError(`index ${index} is out of bounds for dimension ${dim} with size ${size}`, { index, dim, size });
}

/** `view` as seen where the index supplies the place along `dim`: that dimension does not move, the others have `shape`. */
const rooted = ({ storage, strides, offset }: Strided, shape: readonly number[], dim: number): Strided => ({
  storage,
  shape,
  strides: strides.map((s, d) => (d === dim ? 0 : s)),
  offset,
});

/**
 * `out[i][j] = a[index[i][j]][j]` for `dim` 0, and so on.
 * @throws IndexError for an index outside `[0, a.shape[dim])`.
 */
export function gather(out: Strided, a: Strided, index: Strided, dim: number): void {
  const move = moveRow(a.storage.dtype);
  const size = a.shape[dim];
  const step = a.strides[dim];
  const loop: Loop3 = (x, o, so, at, k, sk, y, i, sa, n) => {
    if (sk === 0) {
      // one index for the whole run: rows of a table
      const place = at[k];
      if (place < 0 || place >= size) outOfBounds(place, dim, size);
      move(x, o, so, y, i + place * step, sa, n);
      return;
    }
    for (; n > 0; n--, o += so, k += sk, i += sa) {
      const place = at[k];
      if (place < 0 || place >= size) outOfBounds(place, dim, size);
      move(x, o, 0, y, i + place * step, 0, 1);
    }
  };
  each3(loop, out, index, rooted(a, out.shape, dim));
}

const combining: Readonly<Record<Exclude<ScatterReduction, "none">, BinaryName>> = {
  sum: "add",
  prod: "mul",
  max: "maximum",
  min: "minimum",
};

/**
 * `out[index[i][j]][j] ⊕= src[i][j]` for `dim` 0, and so on, in row-major order of `index` or any other.
 * @throws IndexError for an index outside `[0, out.shape[dim])`, before anything is written.
 */
export function scatter(
  out: Strided,
  index: Strided,
  src: Strided | Scalar,
  dim: number,
  reduction: ScatterReduction,
): void {
  const dtype = out.storage.dtype;
  const size = out.shape[dim];
  const step = out.strides[dim];
  const check: Loop1 = (at, k, sk, n) => {
    for (; n > 0; n--, k += sk) if (at[k] < 0 || at[k] >= size) outOfBounds(at[k], dim, size);
  };
  each1(check, index);
  const source = viewOf(src, dtype, index.shape, 0);
  const target = rooted(out, index.shape, dim);
  let loop: Loop3;
  if (reduction === "none") {
    const move = moveRow(dtype);
    loop = (x, o, so, at, k, sk, y, i, sa, n) => {
      if (sk === 0) move(x, o + at[k] * step, so, y, i, sa, n);
      else for (; n > 0; n--, o += so, k += sk, i += sa) move(x, o + at[k] * step, 0, y, i, 0, 1);
    };
  } else {
    const combine = binaryRow(combining[reduction], dtype);
    loop = (x, o, so, at, k, sk, y, i, sa, n) => {
      if (sk === 0) {
        const start = o + at[k] * step;
        combine(x, start, so, x, start, so, y, i, sa, n);
        return;
      }
      for (; n > 0; n--, o += so, k += sk, i += sa) {
        const place = o + at[k] * step;
        combine(x, place, 0, x, place, 0, y, i, 0, 1);
      }
    };
  }
  each3(loop, target, index, source);
}
