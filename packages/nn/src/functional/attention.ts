import {
  ArgumentError,
  cat,
  DTypeError,
  dropout,
  linear,
  ones,
  operator,
  ShapeError,
  softmax,
  type Tensor,
  where,
  zeros,
} from "@kindling/autograd";
import type { Cut } from "../args.js";
import { tuple } from "../repr.js";

/*
 * Attention. Shapes: N sequences, L queries, S keys and values, E features, H heads.
 */

type SdpaOptions = {
  attnMask?: Tensor | null;
  dropoutP?: number;
  isCausal?: boolean;
  scale?: number | null;
  enableGqa?: boolean;
};

/**
 * `softmax(q · kᵀ · scale + mask) · v`, from Vaswani et al., "Attention Is All You Need" (2017): queries (N, …, L, E), keys
 * (N, …, S, E), values (N, …, S, Ev), result (N, …, L, Ev).
 *
 * @param attnMask broadcastable to (N, …, L, S): bool, `true` where attention may go, or a float that is added to the scores
 * @param dropoutP probability of dropping a weight; applied whenever above 0
 * @param isCausal whether query `i` sees the keys up to `i` only; not together with a mask
 * @param scale factor of the scores; `1/√E` by default
 * @param enableGqa whether keys and values may have fewer heads than the queries, each serving a group of them
 */
export const scaledDotProductAttention = operator<
  (
    query: Tensor,
    key: Tensor,
    value: Tensor,
    ...args: Cut<[attnMask: Tensor | null, dropoutP: number, isCausal: boolean], SdpaOptions>
  ) => Tensor
>(
  "scaledDotProductAttention(query, key, value, attnMask=null, dropoutP=0, isCausal=false, *, scale=null, enableGqa=false)",
  (
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attnMask: Tensor | null,
    dropoutP: number,
    isCausal: boolean,
    scale: number | null,
    enableGqa: boolean,
  ) => {
    for (const [name, t] of Object.entries({ query, key, value })) {
      if (t.ndim >= 2) continue;
      throw new ShapeError(
        `scaledDotProductAttention: Expected query, key, and value to all be at least 2 dimensional, but got ${name} with ${t.ndim}`,
        { shape: t.shape },
      );
    }
    if (isCausal && attnMask !== null) {
      throw new ArgumentError("scaledDotProductAttention: Explicit attnMask should not be set when isCausal=true");
    }
    const heads = query.ndim > 2 ? query.shape[query.ndim - 3] : 1;
    const grouped = (t: Tensor): Tensor =>
      enableGqa && t.shape[t.ndim - 3] !== heads ? t.repeatInterleave(heads / t.shape[t.ndim - 3], -3) : t;
    const causal = (): Tensor => {
      const [rows, columns] = [query.shape[query.ndim - 2], key.shape[key.ndim - 2]];
      return ones(rows, columns, { dtype: "bool", device: query.device }).tril();
    };
    const factor = scale ?? 1 / Math.sqrt(query.shape[query.ndim - 1]);
    const mask = isCausal ? causal() : attnMask;
    const additive = mask?.dtype === "bool" ? forbidden(mask.logicalNot(), query) : mask;
    const [output] = attend(query.mul(factor), grouped(key), grouped(value), additive, dropoutP);
    return output;
  },
);

/** What is added to scores like `like`: −∞ where `mask` is true, else 0. */
const forbidden = (mask: Tensor, like: Tensor): Tensor =>
  where(mask, Number.NEGATIVE_INFINITY, zeros([], { dtype: like.dtype, device: like.device }));

/** The values, weighted by how queries (scaled already) meet keys, and these weights (after dropout). */
function attend(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  mask: Tensor | null,
  dropoutP: number,
): [output: Tensor, weights: Tensor] {
  const scores = query.matmul(key.transpose(-2, -1));
  let weights = softmax(mask === null ? scores : scores.add(mask), -1);
  if (dropoutP > 0) weights = dropout(weights, dropoutP);
  return [weights.matmul(value), weights];
}

/** What multi-head attention is made of besides its three inputs. */
export interface MultiHeadAttentionOptions {
  training?: boolean;
  /** (N, S), or (S) for unbatched inputs: bool, `true` at keys to leave out, or a float that is added to the scores. */
  keyPaddingMask?: Tensor | null;
  needWeights?: boolean;
  /** (L, S) or (N·H, L, S): bool, `true` where attention may not go, or a float that is added to the scores. */
  attnMask?: Tensor | null;
  useSeparateProjWeight?: boolean;
  qProjWeight?: Tensor | null;
  kProjWeight?: Tensor | null;
  vProjWeight?: Tensor | null;
  averageAttnWeights?: boolean;
  isCausal?: boolean;
}

/**
 * Attention in several subspaces at once, which `MultiheadAttention` is a module for: inputs (L, N, E), (S, N, E), (S, N, E) or
 * without N; results (L, N, E) and the weights, (N, L, S) averaged over the heads or (N, H, L, S), or `null`.
 */
export const multiHeadAttentionForward = operator<
  (
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embedDimToCheck: number,
    numHeads: number,
    inProjWeight: Tensor | null,
    inProjBias: Tensor | null,
    biasK: Tensor | null,
    biasV: Tensor | null,
    addZeroAttn: boolean,
    dropoutP: number,
    outProjWeight: Tensor,
    outProjBias: Tensor | null,
    options?: MultiHeadAttentionOptions,
  ) => [output: Tensor, weights: Tensor | null]
>(
  "multiHeadAttentionForward(query, key, value, embedDimToCheck, numHeads, inProjWeight, inProjBias, biasK, biasV, addZeroAttn, " +
    "dropoutP, outProjWeight, outProjBias, training=true, keyPaddingMask=null, needWeights=true, attnMask=null, " +
    "useSeparateProjWeight=false, qProjWeight=null, kProjWeight=null, vProjWeight=null, averageAttnWeights=true, isCausal=false)",
  (
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embedDim: number,
    heads: number,
    inProjWeight: Tensor | null,
    inProjBias: Tensor | null,
    biasK: Tensor | null,
    biasV: Tensor | null,
    addZeroAttn: boolean,
    dropoutP: number,
    outProjWeight: Tensor,
    outProjBias: Tensor | null,
    training: boolean,
    keyPaddingMask: Tensor | null,
    needWeights: boolean,
    attnMask: Tensor | null,
    useSeparateProjWeight: boolean,
    qProjWeight: Tensor | null,
    kProjWeight: Tensor | null,
    vProjWeight: Tensor | null,
    averageAttnWeights: boolean,
    isCausal: boolean,
  ) => {
    const batched = checkRanks(query, key, value, keyPaddingMask, attnMask, heads);
    if (isCausal && attnMask === null) {
      throw new ArgumentError("Need attnMask if specifying the isCausal hint.");
    }
    const [q3, k3, v3] = batched ? [query, key, value] : [query, key, value].map((t) => t.unsqueeze(1));
    const padding = batched ? keyPaddingMask : (keyPaddingMask?.unsqueeze(0) ?? null);
    const [queries, batch, features] = q3.shape;
    if (features !== embedDim) {
      throw new ShapeError(`was expecting embedding dimension of ${embedDim}, but got ${features}`, {
        expected: embedDim,
        got: features,
      });
    }
    if (embedDim % heads !== 0) throw new ArgumentError(`embedDim ${embedDim} not divisible by numHeads ${heads}`);
    checkKeys(k3, v3, useSeparateProjWeight);
    checkMasks(padding, attnMask, batch, [batch * heads, queries, k3.shape[0]]);

    const weights = useSeparateProjWeight
      ? [qProjWeight, kProjWeight, vProjWeight]
      : (inProjWeight?.chunk(3) ?? [null, null, null]);
    if (weights.includes(null)) throw new ArgumentError("the weights of the input projections are missing");
    const biases = inProjBias?.chunk(3) ?? [null, null, null];
    const project = (t: Tensor, i: number): Tensor =>
      asItLies(t, (x) => [linear(x, weights[i] as Tensor, biases[i])])[0];
    // one product where all three come from the same input
    const together = query === key && key === value && !useSeparateProjWeight;
    let [q, k, v] = together
      ? asItLies(q3, (x) => linear(x, inProjWeight as Tensor, inProjBias).chunk(3, -1))
      : [project(q3, 0), project(k3, 1), project(v3, 2)];

    let extra = 0; // keys beyond those given, which no mask hides
    if (biasK !== null && biasV !== null) {
      k = cat([k, biasK.expand(1, batch, embedDim)]);
      v = cat([v, biasV.expand(1, batch, embedDim)]);
      extra++;
    }
    const size = embedDim / heads;
    // (N, H, L, E/H), without a copy
    const split = (t: Tensor): Tensor => t.unflatten(-1, [heads, size]).permute(1, 2, 0, 3);
    [q, k, v] = [split(q), split(k), split(v)];
    if (addZeroAttn) {
      const zero = zeros(batch, heads, 1, size, { dtype: k.dtype, device: k.device });
      [k, v] = [cat([k, zero], 2), cat([v, zero], 2)];
      extra++;
    }
    const merged = mergedMask(attnMask, padding, q, heads, extra);
    const mask = merged?.ndim === 3 ? merged.unflatten(0, [batch, heads]) : merged;
    const p = training ? dropoutP : 0;
    const [attended, attention] = attend(q.mul(1 / Math.sqrt(size)), k, v, mask, p);
    // (L, N, E), in memory as the queries are
    const joined = attended.permute(2, 0, 1, 3);
    const output = samplesFirst(q3)
      ? linear(joined.transpose(0, 1).flatten(2), outProjWeight, outProjBias).transpose(0, 1)
      : linear(joined.flatten(2), outProjWeight, outProjBias);
    const perHead = needWeights ? attention : null;
    const shown = averageAttnWeights ? (perHead?.mean(1) ?? null) : perHead;
    return batched ? [output, shown] : [output.squeeze(1), shown?.squeeze(0) ?? null];
  },
);

/** Whether the sequences of (L, N, E) lie one after another in memory, as those of (N, L, E). */
const samplesFirst = ({ shape, strides }: Tensor): boolean => shape[0] > 1 && shape[1] > 1 && strides[0] < strides[1];

/** What `f` makes of the rows of (L, N, E), in the order in which they lie in memory. */
const asItLies = (t: Tensor, f: (t: Tensor) => readonly Tensor[]): readonly Tensor[] =>
  samplesFirst(t) ? f(t.transpose(0, 1)).map((y) => y.transpose(0, 1)) : f(t);

/** Both masks as one that is added to the scores (N·H, L, S + extra). */
function mergedMask(
  attnMask: Tensor | null,
  keyPaddingMask: Tensor | null,
  scoresLike: Tensor,
  heads: number,
  extra: number,
): Tensor | null {
  const widened = (mask: Tensor): Tensor => {
    if (extra === 0) return mask;
    const { shape, dtype, device } = mask;
    return cat([mask, zeros([...shape.slice(0, -1), extra], { dtype, device })], -1);
  };
  const additive = (mask: Tensor): Tensor =>
    mask.isFloatingPoint() ? widened(mask) : forbidden(widened(mask.bool()), scoresLike);
  const ofQueries = attnMask === null ? null : additive(attnMask);
  if (keyPaddingMask === null) return ofQueries;
  const ofKeys = additive(keyPaddingMask).unsqueeze(1).repeatInterleave(heads, 0);
  return ofQueries === null ? ofKeys : ofQueries.add(ofKeys);
}

function checkRanks(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  keyPaddingMask: Tensor | null,
  attnMask: Tensor | null,
  heads: number,
): boolean {
  const batched = query.ndim === 3;
  if (!batched && query.ndim !== 2) {
    throw new ShapeError(
      `query should be unbatched 2D or batched 3D tensor but received ${query.ndim}-D query tensor`,
      { shape: query.shape },
    );
  }
  const kind = batched ? "For batched (3-D) `query`" : "For unbatched (2-D) `query`";
  const rank = query.ndim;
  if (key.ndim !== rank || value.ndim !== rank) {
    throw new ShapeError(
      `${kind}, expected \`key\` and \`value\` to be ${rank}-D but found ${key.ndim}-D and ${value.ndim}-D tensors respectively`,
      { key: key.shape, value: value.shape },
    );
  }
  if (keyPaddingMask !== null && keyPaddingMask.ndim !== rank - 1) {
    throw new ShapeError(
      `${kind}, expected \`keyPaddingMask\` to be \`null\` or ${rank - 1}-D but found ${keyPaddingMask.ndim}-D tensor instead`,
      { shape: keyPaddingMask.shape },
    );
  }
  if (attnMask !== null && attnMask.ndim !== 2 && attnMask.ndim !== 3) {
    throw new ShapeError(
      `${kind}, expected \`attnMask\` to be \`null\`, 2-D or 3-D but found ${attnMask.ndim}-D tensor instead`,
      { shape: attnMask.shape },
    );
  }
  const expected = [heads, query.shape[0], key.shape[0]];
  if (!batched && attnMask?.ndim === 3 && attnMask.shape.join() !== expected.join()) {
    throw new ShapeError(`Expected \`attnMask\` shape to be ${tuple(expected)} but got ${tuple(attnMask.shape)}`, {
      expected,
      got: attnMask.shape,
    });
  }
  return batched;
}

function checkKeys(key: Tensor, value: Tensor, separate: boolean): void {
  const [k, v] = separate ? [key.shape.slice(0, 2), value.shape.slice(0, 2)] : [key.shape, value.shape];
  if (k.join() === v.join()) return;
  throw new ShapeError(
    separate
      ? `key's sequence and batch dims ${tuple(k)} do not match value's ${tuple(v)}`
      : `key shape ${tuple(k)} does not match value shape ${tuple(v)}`,
    { key: key.shape, value: value.shape },
  );
}

/** Checks the masks of `scores` = [N·H, L, S]. */
function checkMasks(padding: Tensor | null, attnMask: Tensor | null, batch: number, scores: readonly number[]): void {
  if (attnMask !== null) {
    if (!attnMask.isFloatingPoint() && attnMask.dtype !== "bool" && attnMask.dtype !== "uint8") {
      throw new DTypeError(`Only float, byte, and bool types are supported for attnMask, not ${attnMask.dtype}`, {
        dtype: attnMask.dtype,
      });
    }
    const expected = scores.slice(-attnMask.ndim);
    if (attnMask.shape.join() !== expected.join()) {
      throw new ShapeError(
        `The shape of the ${attnMask.ndim}D attnMask is ${tuple(attnMask.shape)}, but should be ${tuple(expected)}.`,
        { expected, got: attnMask.shape },
      );
    }
  }
  if (padding === null) return;
  const expected = [batch, scores[2]];
  if (padding.shape.join() !== expected.join()) {
    throw new ShapeError(`expecting keyPaddingMask shape of ${tuple(expected)}, but got ${tuple(padding.shape)}`, {
      expected,
      got: padding.shape,
    });
  }
  if (!padding.isFloatingPoint() && padding.dtype !== "bool") {
    throw new DTypeError("only bool and floating types of keyPaddingMask are supported", { dtype: padding.dtype });
  }
}
