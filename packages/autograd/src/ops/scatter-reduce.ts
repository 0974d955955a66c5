import { ArgumentError, isFloat, type ScatterReduction, wrapDim } from "@kindling/storage";
import { operator } from "../args.js";
import type { Derivative, Node } from "../node.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { eq, logicalAnd } from "./compare.js";
import { onesLike, zerosLike } from "./creation.js";
import { atLeast1d, checkIndexShape, gather, indexTensor } from "./indexing.js";
import { div, mul } from "./pointwise.js";
import { matching, scatter, scatterAdd, scattered, slicewise } from "./scatter.js";
import { to } from "./shape.js";
import { expectTensor, unsupported } from "./table.js";
import { reshape } from "./views.js";
import { maskedFill, where } from "./where.js";

/*
 * Reductions of all elements that go to one place.
 */

type Reduction = "sum" | "prod" | "mean" | "amax" | "amin";

const kernels: Readonly<Record<Reduction, ScatterReduction>> = {
  sum: "sum",
  prod: "prod",
  mean: "sum",
  amax: "max",
  amin: "min",
};

interface Context {
  readonly dim: number;
  readonly reduce: Reduction;
  readonly includeSelf: boolean;
}

/** How many elements meet in each place, at least 1. */
function meeting(like: Tensor, dim: number, index: Tensor, includeSelf: boolean): Tensor {
  const start = includeSelf ? onesLike(like) : zerosLike(like);
  const ones = onesLike(like.newEmpty(index.shape as number[]));
  const count = scatterAdd(start, dim, index, ones);
  return includeSelf ? count : maskedFill(count, eq(count, 0), 1);
}

const SCATTER_REDUCE: Derivative = {
  name: "ScatterReduceBackward0",
  backward(node, g) {
    const { dim, reduce, includeSelf } = node.context as Context;
    const index = node.saved(0);
    const [own, theirs] = gradients[reduce](node, g, dim, index, includeSelf);
    return [
      !node.needs(0) ? null : includeSelf ? own() : scatter(own(), dim, index, 0),
      null,
      node.needs(2) ? theirs() : null,
    ];
  },
};

type Gradients = (
  node: Node,
  g: Tensor,
  dim: number,
  index: Tensor,
  includeSelf: boolean,
) => [own: () => Tensor, theirs: () => Tensor];

const ofSum: Gradients = (_node, g, dim, index) => [() => g, () => gather(g, dim, index)];

const ofMean: Gradients = (_node, g, dim, index, includeSelf) => {
  const part = div(g, meeting(g.detach(), dim, index, includeSelf));
  return [() => part, () => gather(part, dim, index)];
};

/** Each of several equal extremes gets the same part. */
const ofExtreme: Gradients = (node, g, dim, index, includeSelf) => {
  const [self, src, out] = [1, 2, 3].map((i) => node.saved(i).detach());
  const equal = to(eq(self, out), g.dtype);
  const kept = includeSelf ? equal : scatter(equal, dim, index, 0);
  const taken = to(eq(src, gather(out, dim, index)), g.dtype);
  const part = div(g, scatterAdd(kept, dim, index, taken));
  return [() => mul(part, kept), () => mul(gather(part, dim, index), taken)];
};

/** The product of all others in the place: the product divided by the element, or, where it is the only zero, the product without it. */
const ofProduct: Gradients = (node, g, dim, index, includeSelf) => {
  const [self, src, out] = [node.saved(1), node.saved(2), node.saved(3)];
  const product = (a: Tensor, b: Tensor): Tensor => scatterReduce(a, dim, index, b, "prod", { includeSelf });
  return [
    () => {
      const x = maskedFill(self, eq(self, 0), 1);
      return div(mul(g, product(x, src)), x);
    },
    () => {
      const zero = eq(src, 0);
      const zeros = scatterAdd(zerosLike(out), dim, index, to(zero, out.dtype));
      const alone = logicalAnd(zero, eq(gather(zeros, dim, index), 1));
      const without = mul(g, product(self, maskedFill(src, alone, 1)));
      const rest = div(gather(mul(g, out), dim, index), maskedFill(src, zero, 1));
      return where(alone, gather(without, dim, index), rest);
    },
  ];
};

const gradients: Readonly<Record<Reduction, Gradients>> = {
  sum: ofSum,
  mean: ofMean,
  prod: ofProduct,
  amax: ofExtreme,
  amin: ofExtreme,
};

/** What is in the places before the elements of `src` arrive. */
function prepared(self: Tensor, dim: number, index: Tensor, src: Tensor, reduce: Reduction): Tensor {
  if (reduce === "amax" || reduce === "amin") return scatter(self, dim, index, src); // one of them; itself does not count twice
  return scatter(self, dim, index, reduce === "prod" ? 1 : 0);
}

function reduced(
  operation: string,
  self: Tensor,
  dim: number,
  index: Tensor,
  given: Tensor,
  reduce: Reduction,
  includeSelf: boolean,
): Tensor {
  const src = matching(given, index);
  const [x, y] = [self.detach(), src.detach()];
  if (reduce === "mean" && x.dtype === "bool") throw unsupported(operation, "bool");
  const start = includeSelf ? x : prepared(x, dim, index, y, reduce);
  let out = scattered(operation, start, dim, index, y, kernels[reduce]);
  if (reduce === "mean") {
    const count = meeting(x, dim, index, includeSelf);
    out = isFloat(out.dtype) ? div(out, count) : div(out, count, { roundingMode: "floor" });
  }
  if (recording(self, src)) {
    const node = record(SCATTER_REDUCE, out, [self, null, src]);
    node.context = { dim, reduce, includeSelf } satisfies Context;
    if (reduce === "sum" || reduce === "mean") node.save(index);
    else node.save(index, self, src, out);
  }
  return out;
}

type ReduceOptions = { reduce?: Reduction; includeSelf?: boolean };

/**
 * A copy of `self` in which the elements of `src` that `index` sends to one place, and (`includeSelf`) what is there, are reduced to their `"sum"`, `"prod"`,
 * `"mean"`, `"amax"` or `"amin"`; places as in `scatter`. Equal extremes share the gradient. The second derivative of `"prod"` does not see places
 * with several zeros.
 */
export const scatterReduce = operator<
  (
    self: Tensor,
    dim: number,
    index: Tensor,
    src: Tensor,
    reduce: Reduction | ReduceOptions,
    options?: ReduceOptions,
  ) => Tensor
>(
  "scatterReduce(self, dim, index, src, reduce, *, includeSelf=true)",
  (self: Tensor, dim: number, index: Tensor, src: Tensor, reduce: Reduction, includeSelf: boolean) => {
    expectTensor(self, "scatterReduce");
    expectTensor(src, "scatterReduce", "src");
    if (!Object.hasOwn(kernels, reduce)) {
      throw new ArgumentError("reduce argument must be either sum, prod, mean, amax or amin.", { reduce });
    }
    const d = wrapDim(dim, self.ndim);
    const at = indexTensor(index, "scatterReduce");
    if (at.numel() === 0) return self.clone();
    checkIndexShape("scatterReduce", self, at, d, src);
    if (src.dtype !== self.dtype) {
      throw new ArgumentError("scatter(): Expected self.dtype to be equal to src.dtype", { src: src.dtype });
    }
    if (self.ndim > 0 && at.ndim > 0 && src.ndim > 0) {
      return reduced("scatterReduce", self, d, at, src, reduce, includeSelf);
    }
    const [x, i, y] = [self, at, src].map(atLeast1d);
    return reshape(reduced("scatterReduce", x, 0, i, y, reduce, includeSelf), self.shape);
  },
);

/** The same for whole slices of `source`, which `index` (a vector) sends to slices of `self` along `dim`: `"prod"`, `"mean"`, `"amax"` or `"amin"`. */
export const indexReduce = operator<
  (
    self: Tensor,
    dim: number,
    index: Tensor,
    source: Tensor,
    reduce: Exclude<Reduction, "sum"> | ReduceOptions,
    options?: ReduceOptions,
  ) => Tensor
>(
  "indexReduce(self, dim, index, source, reduce, *, includeSelf=true)",
  (self: Tensor, dim: number, index: Tensor, source: Tensor, reduce: Reduction, includeSelf: boolean) => {
    expectTensor(self, "indexReduce");
    expectTensor(source, "indexReduce", "source");
    if (!Object.hasOwn(kernels, reduce) || reduce === "sum") {
      throw new ArgumentError(
        `indexReduce(): Expected reduce to be one of prod, mean, amax or amin but got ${reduce}.`,
        { reduce },
      );
    }
    if (self.ndim === 0) {
      const [x, i, y] = [self, index, source].map(atLeast1d);
      return reshape(indexReduce(x, 0, i, y, reduce, { includeSelf }), []);
    }
    const slices = slicewise("indexReduce", self, dim, index, source);
    if (slices.at.numel() === 0) return self.clone();
    return reduced("indexReduce", self, slices.d, slices.at, slices.source, reduce, includeSelf);
  },
);
