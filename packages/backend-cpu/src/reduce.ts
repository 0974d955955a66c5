import type { DType, ReduceName } from "@kindling/storage";
import { copyRows } from "./copy.js";
import { each2, type Loop2 } from "./iterate.js";
import { allocateMemory, type Memory, type Numbers, type Strided } from "./memory.js";

/**
 * A reduction: how accumulators start, and the loop that folds `a` into them. An accumulator stride of 0 folds a whole
 * run into one accumulator, another one folds a run into its neighbours.
 */
interface Row {
  readonly start: number | bigint;
  /** `(a, i, sa, accumulators, k, sk, n)`. */
  readonly fold: Loop2;
}

type Folds = Readonly<Record<Exclude<ReduceName, "argmax" | "argmin">, Row>>;

/** float32 and float64, in double. */
const floatFolds: Folds = {
  sum: {
    start: 0,
    fold(a, i, sa, c, k, sk, n) {
      if (sk !== 0) {
        for (; n > 0; n--, i += sa, k += sk) c[k] += a[i];
        return;
      }
      // Four sums run side by side, so that no addition waits for the one before.
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (; n > 3; n -= 4, i += 4 * sa) {
        s0 += a[i];
        s1 += a[i + sa];
        s2 += a[i + 2 * sa];
        s3 += a[i + 3 * sa];
      }
      for (; n > 0; n--, i += sa) s0 += a[i];
      c[k] += s0 + s1 + (s2 + s3);
    },
  },
  prod: {
    start: 1,
    fold(a, i, sa, c, k, sk, n) {
      for (; n > 0; n--, i += sa, k += sk) c[k] *= a[i];
    },
  },
  max: {
    start: -Infinity,
    fold(a, i, sa, c, k, sk, n) {
      if (sk !== 0) {
        for (; n > 0; n--, i += sa, k += sk) {
          const x = a[i];
          if (x > c[k] || x !== x) c[k] = x;
        }
        return;
      }
      let best = c[k];
      for (; n > 0; n--, i += sa) {
        const x = a[i];
        if (x > best || x !== x) best = x;
      }
      c[k] = best;
    },
  },
  min: {
    start: Infinity,
    fold(a, i, sa, c, k, sk, n) {
      if (sk !== 0) {
        for (; n > 0; n--, i += sa, k += sk) {
          const x = a[i];
          if (x < c[k] || x !== x) c[k] = x;
        }
        return;
      }
      let best = c[k];
      for (; n > 0; n--, i += sa) {
        const x = a[i];
        if (x < best || x !== x) best = x;
      }
      c[k] = best;
    },
  },
};

/** int32, int16, int8, uint8, in 32 bits that wrap around. */
const integerFolds: Folds = {
  sum: {
    start: 0,
    fold(a, i, sa, c, k, sk, n) {
      for (; n > 0; n--, i += sa, k += sk) c[k] = (c[k] + a[i]) | 0;
    },
  },
  prod: {
    start: 1,
    fold(a, i, sa, c, k, sk, n) {
      for (; n > 0; n--, i += sa, k += sk) c[k] = Math.imul(c[k], a[i]);
    },
  },
  max: {
    start: -(2 ** 31),
    fold(a, i, sa, c, k, sk, n) {
      for (; n > 0; n--, i += sa, k += sk) if (a[i] > c[k]) c[k] = a[i];
    },
  },
  min: {
    start: 2 ** 31 - 1,
    fold(a, i, sa, c, k, sk, n) {
      for (; n > 0; n--, i += sa, k += sk) if (a[i] < c[k]) c[k] = a[i];
    },
  },
};

/** bool: a sum is "any", a product "all". */
const boolFolds: Folds = {
  sum: { start: 0, fold: integerFolds.max.fold },
  prod: { start: 1, fold: integerFolds.min.fold },
  max: integerFolds.max,
  min: integerFolds.min,
};

const big = (f: (c: bigint, x: bigint) => bigint): Loop2 =>
  ((a: BigInt64Array, i: number, sa: number, c: BigInt64Array, k: number, sk: number, n: number) => {
    for (; n > 0; n--, i += sa, k += sk) c[k] = f(c[k], a[i]);
  }) as unknown as Loop2;

const int64Folds: Folds = {
  sum: { start: 0n, fold: big((c, x) => c + x) },
  prod: { start: 1n, fold: big((c, x) => c * x) },
  max: { start: -(2n ** 63n), fold: big((c, x) => (x > c ? x : c)) },
  min: { start: 2n ** 63n - 1n, fold: big((c, x) => (x < c ? x : c)) },
};

/** A dtype's folds, and what they accumulate in: memory for a few results is kept. */
interface Family {
  readonly folds: Folds;
  readonly accumulator: DType;
  readonly few: Memory;
}

const FEW = 512;
const family = (folds: Folds, accumulator: DType): Family => ({
  folds,
  accumulator,
  few: allocateMemory(accumulator, FEW),
});

const float = family(floatFolds, "float64");
const integer = family(integerFolds, "int32");

const families: Readonly<Record<DType, Family>> = {
  float32: float,
  float64: float,
  float16: float,
  bfloat16: float,
  int64: family(int64Folds, "int64"),
  int32: integer,
  int16: integer,
  int8: integer,
  uint8: integer,
  bool: family(boolFolds, "int32"),
};

/** Reduces `a` along `dims` into `out`, which has size 1 there; argmax and argmin take one dimension. */
export function reduce(name: ReduceName, out: Strided, a: Strided, dims: readonly number[]): void {
  if (name === "argmax" || name === "argmin") {
    positionOfExtreme(name, out, a, dims[0]);
    return;
  }
  const { folds, accumulator, few } = families[a.storage.dtype];
  const { start, fold } = folds[name];
  const shape = out.shape;
  const strides = new Array<number>(shape.length);
  let count = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = shape[d] === 1 ? 0 : count; // stays at one accumulator along a reduced dimension
    count *= shape[d];
  }
  const memory = (count <= FEW ? few : allocateMemory(accumulator, count)) as Numbers;
  for (let k = 0; k < count; k++) memory[k] = start as number;
  const storage = { dtype: accumulator, handle: memory };
  each2(fold, a, { storage, shape: a.shape, strides, offset: 0 });
  each2(copyRows[out.storage.dtype][accumulator], out, { storage, shape, strides, offset: 0 });
}

// argmax and argmin: for each element of `out`, a walk along the dimension.

type Position = (a: Numbers, i: number, step: number, length: number) => number;

const firstLargest: Position = (a, i, step, length) => {
  let best = a[i];
  let at = 0;
  for (let p = 0; p < length && best === best; p++, i += step) {
    const x = a[i];
    if (x > best || x !== x) {
      best = x;
      at = p;
    }
  }
  return at;
};
const firstSmallest: Position = (a, i, step, length) => {
  let best = a[i];
  let at = 0;
  for (let p = 0; p < length && best === best; p++, i += step) {
    const x = a[i];
    if (x < best || x !== x) {
      best = x;
      at = p;
    }
  }
  return at;
};
const bigPosition = (isBetter: (x: bigint, best: bigint) => boolean): Position =>
  ((a: BigInt64Array, i: number, step: number, length: number) => {
    let best = a[i];
    let at = 0;
    for (let p = 0; p < length; p++, i += step) {
      if (isBetter(a[i], best)) {
        best = a[i];
        at = p;
      }
    }
    return at;
  }) as unknown as Position;
const firstLargestBig = bigPosition((x, best) => x > best);
const firstSmallestBig = bigPosition((x, best) => x < best);

function positionOfExtreme(name: "argmax" | "argmin", out: Strided, a: Strided, dim: number): void {
  const big = a.storage.dtype === "int64";
  const position = name === "argmax" ? (big ? firstLargestBig : firstLargest) : big ? firstSmallestBig : firstSmallest;
  const step = a.strides[dim] ?? 0; // a scalar is a run of one
  const length = a.shape[dim] ?? 1;
  const along: Loop2 = (found, o, so, values, i, sa, n) => {
    for (; n > 0; n--, o += so, i += sa) found[o] = position(values, i, step, length);
  };
  each2(along, out, { storage: a.storage, shape: out.shape, strides: a.strides, offset: a.offset });
}
