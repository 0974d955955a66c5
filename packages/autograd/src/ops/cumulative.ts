import { type DType, wrapDim } from "@kindling/storage";
import { operator } from "../args.js";
import { rawCast, rawCopy, rawScan } from "../dispatch.js";
import type { Derivative } from "../node.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { eq, isinf, isnan, logicalOr } from "./compare.js";
import { onesLike, zeros } from "./creation.js";
import { foundIn, type Pick, pick, positionsAlong, sumType } from "./dims.js";
import { narrow } from "./parts.js";
import { add, exp, log, mul, sub } from "./pointwise.js";
import { indexType } from "./promotion.js";
import { cat, flip, to } from "./shape.js";
import { expectTensor, requireFloats } from "./table.js";
import { clampMax, where } from "./where.js";

/*
 * Running sums, products and extremes along a dimension.
 */

const CUMSUM: Derivative = {
  name: "CumsumBackward0",
  backward(node, g) {
    const dim = node.context as number | null;
    return dim === null ? g : flip(cumsum(flip(g, dim), dim), dim);
  },
};

type Cumulative = (self: Tensor, dim: number | { dim: number; dtype?: DType }, options?: { dtype?: DType }) => Tensor;

/** Running sum along `dim`. */
export const cumsum = operator<Cumulative>(
  "cumsum(self, dim, *, dtype=null)",
  (self: Tensor, dim: number, dtype: DType | null) => {
    expectTensor(self, "cumsum");
    const d = wrapDim(dim, self.ndim);
    const type = dtype ?? sumType(self.dtype);
    const scalar = self.ndim === 0;
    const out = scalar ? rawCopy(self, type) : rawScan("sum", rawCast(self, type, "cumsum"), d);
    if (recording(self)) record(CUMSUM, out, [self]).context = scalar ? null : d;
    return out;
  },
);

/**
 * The linear recurrence `h[i] = b[i] + a[i]·h[i − 1]` along `dim` (`a[0]` does not count), in a number of steps that grows with the
 * logarithm of the length: each step joins terms twice as far apart (Hillis and Steele 1986).
 */
function recurrence(a: Tensor, b: Tensor, dim: number): Tensor {
  const n = b.shape[dim];
  let [h, factor] = [b, a];
  for (let step = 1; step < n; step *= 2) {
    const rest = n - step;
    const head = (t: Tensor): Tensor => narrow(t, dim, 0, step);
    const far = (t: Tensor): Tensor => narrow(t, dim, 0, rest);
    const near = (t: Tensor): Tensor => narrow(t, dim, step, rest);
    h = cat([head(h), add(near(h), mul(near(factor), far(h)))], dim);
    if (2 * step < n) factor = cat([head(factor), mul(near(factor), far(factor))], dim);
  }
  return h;
}

/** `t` moved on by one place along `dim`; `first` comes in front. */
const delayed = (t: Tensor, first: Tensor, dim: number): Tensor =>
  cat([first, narrow(t, dim, 0, t.shape[dim] - 1)], dim);

const CUMPROD: Derivative = {
  name: "CumprodBackward0",
  /** Exact at zeros: `g[i] + x[i+1]·(g[i+1] + x[i+2]·(…))` times the product of all before `i`. */
  backward(node, g) {
    const dim = node.context as number;
    const x = node.saved(0);
    if (x.shape[dim] === 0) return g;
    const first = narrow(x, dim, 0, 1);
    const before = cumprod(delayed(x, onesLike(first), dim), dim);
    const backwards = flip(x, dim);
    const after = recurrence(delayed(backwards, first, dim), flip(g, dim), dim);
    return mul(before, flip(after, dim));
  },
};

/** Running product along `dim`. */
export const cumprod = operator<Cumulative>(
  "cumprod(self, dim, *, dtype=null)",
  (self: Tensor, dim: number, dtype: DType | null) => {
    const d = wrapDim(dim, self.ndim);
    const type = dtype ?? sumType(self.dtype);
    if (self.ndim === 0) return to(self, { dtype: type, copy: true });
    const out = rawScan("prod", rawCast(self, type, "cumprod"), d);
    if (recording(self)) {
      const node = record(CUMPROD, out, [self]);
      node.context = d;
      node.save(self);
    }
    return out;
  },
);

type Running = (self: Tensor, dim: number | { dim: number }) => [values: Tensor, indices: Tensor];

function runningExtreme(name: "cummax" | "cummin", kernel: "max" | "min"): Running {
  const derivative = pick(name === "cummax" ? "CummaxBackward0" : "CumminBackward0");
  return operator<Running>(`${name}(self, dim)`, (self: Tensor, dim: number) => {
    expectTensor(self, name);
    const d = wrapDim(dim, self.ndim);
    if (self.ndim === 0) return [self.clone(), zeros([], { dtype: indexType(self.dtype), device: self.device })];
    const values = rawScan(kernel, self, d);
    const x = self.detach();
    const found = logicalOr(eq(x, values), isnan(x));
    const index = rawScan("max", where(found, positionsAlong(x, d), 0), d);
    if (recording(self)) {
      const node = record(derivative, values, [self]);
      node.context = { dim: d, keepdim: true, shape: self.shape } satisfies Pick;
      node.save(index);
    }
    return [values, foundIn(self, index)];
  });
}

/** `[values, indices]`: the largest element so far along `dim`, and where it is; of equal ones the last, NaN counts as largest. */
export const cummax = runningExtreme("cummax", "max");
/** `[values, indices]`: the smallest element so far along `dim`, and where it is; of equal ones the last, NaN counts as smallest. */
export const cummin = runningExtreme("cummin", "min");

const LOGCUMSUMEXP: Derivative = {
  name: "LogcumsumexpBackward0",
  /** `Σ over j ≥ i of g[j]·exp(x[i] − y[j])`: `y` grows along `dim`, so that no factor exceeds 1. */
  backward(node, g) {
    const dim = node.context as number;
    const [x, y] = [node.saved(0), flip(node.saved(1), dim)];
    const n = x.shape[dim];
    if (n === 0) return g;
    const decay = exp(sub(y, delayed(y, narrow(y, dim, 0, 1), dim)));
    const sums = flip(recurrence(decay, flip(g, dim), dim), dim);
    return mul(sums, exp(sub(x, node.saved(1))));
  },
};

/** `log Σ eˣ` of the elements so far along `dim`, without overflow. */
export const logcumsumexp = operator<(self: Tensor, dim: number | { dim: number }) => Tensor>(
  "logcumsumexp(self, dim)",
  (self: Tensor, dim: number) => {
    expectTensor(self, "logcumsumexp");
    requireFloats(self.dtype, "logcumsumexp");
    const d = wrapDim(dim, self.ndim);
    if (self.ndim === 0 || self.numel() === 0) return self.clone();
    const x = self.detach();
    const largest = rawScan("max", x, d);
    const top = where(isinf(largest), 0, largest);
    // from infinity to the finite, where the sum so far is 0 or infinite anyway, the shift may also fall
    const shrink = exp(clampMax(sub(delayed(top, narrow(top, d, 0, 1), d), top), 0));
    const out = add(log(recurrence(shrink, exp(sub(x, top)), d)), top);
    if (recording(self)) {
      const node = record(LOGCUMSUMEXP, out, [self]);
      node.context = d;
      node.save(self, out);
    }
    return out;
  },
);
