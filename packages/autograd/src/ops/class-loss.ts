import { contiguousStrides, IndexError, isContiguous, state, type View } from "@kindling/storage";
import { fastResult, fresh, rawCast, rawContiguous, windowOn } from "../dispatch.js";
import type { Derivative, Node } from "../node.js";
import { record, recording, unrecorded } from "../record.js";
import type { Tensor } from "../tensor.js";
import { ne } from "./compare.js";
import { zeros } from "./creation.js";
import { gather, indexSelect } from "./indexing.js";
import { div, mul, neg } from "./pointwise.js";
import { sum } from "./reduction.js";
import { scatter } from "./scatter.js";
import { expand, reshape, squeeze, unsqueeze } from "./views.js";
import { where } from "./where.js";

/*
 * The losses of classes named by their numbers, one node. Arguments are checked by `@kindling/nn`, whose `nllLoss` this is the
 * core of.
 */

/** What becomes of the targets' losses. */
type Reduction = "none" | "mean" | "sum";

/** How classes are weighed and losses reduced. */
export interface ClassLossLayout {
  /** Targets of this number count nothing. */
  readonly ignoreIndex: number;
  readonly reduction: Reduction;
}

declare module "@kindling/storage" {
  interface FastPaths {
    /**
     * `out` = `−weight[t] · input[t]` for the class `t` that `target` (N, L) names, of `input` (N, C, L): (N, L), or (1) where the losses
     * are summed, or divided by the sum of the weights, which goes into `total` (1). `weight` is (C) or `null`: all 1. `target` is
     * int32. All but the weight are contiguous.
     * @throws IndexError for a class that does not exist, where the device can read at once
     */
    nllLoss(out: View, total: View, input: View, target: View, weight: View | null, layout: ClassLossLayout): void;
    /** `out` (N, C, L), contiguous = the gradient of the input from that of the result, `grad`. */
    nllLossBackward(
      out: View,
      grad: View,
      total: View,
      target: View,
      weight: View | null,
      layout: ClassLossLayout,
    ): void;
  }
}

interface Context extends ClassLossLayout {
  readonly total: Tensor;
  /** Shape of the input; the dimension of the classes in it. */
  readonly shape: readonly number[];
  readonly dim: number;
}

/** (N, C, L) of an input, (N, L) of a target. */
const sizesOf = (shape: readonly number[], dim: number): [number, number, number] => [
  dim === 0 ? 1 : shape[0],
  shape[dim],
  shape.slice(dim + 1).reduce((n, size) => n * size, 1),
];

const solid = (t: Tensor, shape: readonly number[]): View => windowOn(t, shape, contiguousStrides(shape));

/** The weight of each target: 0 of those that are ignored. */
function weights(target: Tensor, index: Tensor, weight: Tensor | null, like: Tensor, { ignoreIndex }: ClassLossLayout) {
  const valid = ne(target, ignoreIndex);
  if (weight === null) return rawCast(valid, like.dtype);
  return where(valid, reshape(indexSelect(weight, 0, reshape(index, [-1])), target.shape), 0);
}

const NLL: Derivative = {
  name: "NllLossBackward0",
  backward(node: Node, g: Tensor) {
    const context = node.context as Context;
    const [target, weight] = [node.saved(0), node.savedOrNull(1)];
    const { shape, dim, total, reduction, ignoreIndex } = context;
    if (!state.gradEnabled && isContiguous(g.shape, g.strides) && (weight === null || weight.dtype === g.dtype)) {
      const [n, c, l] = sizesOf(shape, dim);
      const like = { storage: g.storage, shape: [n, c, l] };
      const from = solid(g, reduction === "none" ? [n, l] : [1]);
      const out = fastResult("nllLossBackward", like, from, total, solid(target, [n, l]), weight, {
        ignoreIndex,
        reduction,
      });
      if (out !== null) return reshape(out, shape);
    }
    const index = where(ne(target, ignoreIndex), target, 0);
    let share = neg(weights(target, index, weight, g, context));
    if (reduction === "mean") share = div(share, reshape(total, []));
    const values = mul(expand(g, target.shape), share);
    const zero = zeros(shape as number[], { dtype: g.dtype, device: g.device });
    return scatter(zero, dim, unsqueeze(index, dim), unsqueeze(values, dim));
  },
};

/** `−weight[t] · input[t]`, reduced, for the classes `t` of dimension `dim` of `input`, which the shape of `classes` lacks. */
export function classLoss(
  input: Tensor,
  dim: number,
  classes: Tensor,
  weight: Tensor | null,
  layout: ClassLossLayout,
): Tensor {
  const { device, dtype } = input.storage;
  const { reduction } = layout;
  const target = rawContiguous(rawCast(classes, "int32"));
  let out = fresh(device, dtype, reduction === "none" ? target.shape : [], "nllLoss");
  let total = fresh(device, dtype, [1], "nllLoss");
  if (!fastLoss(out, total, input, dim, target, weight, layout)) {
    unrecorded(() => {
      const index = where(ne(target, layout.ignoreIndex), target, 0);
      const share = weights(target, index, weight, input, layout);
      const picked = where(ne(target, layout.ignoreIndex), valuesOf(input, dim, index), 0);
      const loss = neg(mul(picked, share));
      total = reshape(sum(share), [1]);
      out = reduction === "none" ? loss : sum(loss);
      if (reduction === "mean") out = div(out, reshape(total, []));
    });
  }
  if (recording(input)) {
    const node = record(NLL, out, [input]);
    node.context = { total, shape: input.shape, dim, ...layout } satisfies Context;
    node.save(target, weight);
  }
  return out;
}

function fastLoss(
  out: Tensor,
  total: Tensor,
  input: Tensor,
  dim: number,
  target: Tensor,
  weight: Tensor | null,
  layout: ClassLossLayout,
): boolean {
  const { device, dtype } = input.storage;
  if (
    input.numel() === 0 ||
    (weight !== null && weight.dtype !== dtype) ||
    !device.hasFast("nllLoss", dtype) ||
    !isContiguous(input.shape, input.strides)
  ) {
    return false;
  }
  const [n, c, l] = sizesOf(input.shape, dim);
  return device.tryFast(
    "nllLoss",
    dtype,
    layout.reduction === "none" ? solid(out, [n, l]) : solid(out, [1]),
    total,
    solid(input, [n, c, l]),
    solid(target, [n, l]),
    weight,
    layout,
  );
}

/** The value of each target's class. */
function valuesOf(input: Tensor, dim: number, index: Tensor): Tensor {
  try {
    return squeeze(gather(input, dim, unsqueeze(index, dim)), dim);
  } catch (error) {
    if (!(error instanceof IndexError && "index" in error)) throw error;
    throw new IndexError(`Target ${String(error.index)} is out of bounds.`, { index: error.index });
  }
}
