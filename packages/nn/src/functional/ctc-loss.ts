import {
  ArgumentError,
  cat,
  DTypeError,
  dtypeInfo,
  isFloat,
  isTensor,
  operator,
  ShapeError,
  stack,
  type Tensor,
  tensor,
  where,
} from "@kindling/autograd";
import type { Cut } from "../args.js";
import { type Reduced, type Reduction, reduce } from "./loss.js";

/** Lengths of sequences: an array, or a tensor of integers on a device that can be read synchronously. */
export type Lengths = Tensor | readonly number[];

type CtcOptions = Reduced & { blank?: number; zeroInfinity?: boolean };

/** Stands for the logarithm of 0: its sums and differences stay finite, so that gradients do too. */
const NEVER = -1e30;

/**
 * Connectionist temporal classification (Graves et al. 2006): minus the logarithm of the probability that a sequence of
 * symbols, blanks and repetitions taken out, reads as the target.
 *
 * @param logProbs log-probabilities (T, N, C), or (T, C) for one sequence; the gradient is that of PyTorch, which supposes that
 *   they come from `logSoftmax`
 * @param targets class numbers without blanks: (N, S), or the targets of all sequences one after the other
 * @param inputLengths of each sequence, at most T
 * @param targetLengths of each target, at most S
 * @returns (N), or its mean after dividing by the target lengths, or its sum
 */
export const ctcLoss = operator<
  (
    logProbs: Tensor,
    targets: Tensor,
    inputLengths: Lengths,
    targetLengths: Lengths,
    ...args: Cut<[blank: number, reduction: Reduction, zeroInfinity: boolean], CtcOptions>
  ) => Tensor
>(
  'ctcLoss(logProbs, targets, inputLengths, targetLengths, blank=0, reduction="mean", zeroInfinity=false)',
  (
    logProbs: Tensor,
    targets: Tensor,
    inputLengths: Lengths,
    targetLengths: Lengths,
    blank: number,
    reduction: Reduction,
    zeroInfinity: boolean,
  ) => {
    if (!isFloat(logProbs.dtype)) {
      const { scalarName } = dtypeInfo[logProbs.dtype];
      throw new DTypeError(`"ctcLoss" not implemented for '${scalarName}'`, { dtype: logProbs.dtype });
    }
    if (logProbs.ndim !== 2 && logProbs.ndim !== 3) {
      throw new ShapeError(`logProbs must have 2 or 3 dimensions, got ${logProbs.ndim}`, { shape: logProbs.shape });
    }
    const single = logProbs.ndim === 2;
    const x = single ? logProbs.unsqueeze(1) : logProbs;
    const [steps, batch, classes] = x.shape;
    if (!(blank >= 0 && blank < classes)) throw new ArgumentError("blank must be in label range", { blank, classes });
    const inputs = lengthsOf("inputLengths", inputLengths, batch, steps);
    const rows = targetRows(targets, lengthsOf("targetLengths", targetLengths, batch), batch);
    const loss = sequenceLosses(x, rows, inputs, blank);
    const finite = zeroInfinity ? where(loss.isinf(), 0, loss) : loss;
    if (reduction !== "mean") return reduce(single ? finite.squeeze(0) : finite, reduction);
    const counts = rows.map((row) => Math.max(1, row.length));
    return finite.div(tensor(counts, { dtype: x.dtype, device: x.device })).mean();
  },
);

/** The loss of each sequence, by the forward algorithm over targets with blanks around every label. */
function sequenceLosses(x: Tensor, rows: readonly number[][], inputs: readonly number[], blank: number): Tensor {
  const [steps, batch] = x.shape;
  const { device, dtype } = x;
  const states = 2 * Math.max(...rows.map((row) => row.length), 0) + 1;
  const labels = rows.map((row) =>
    Array.from({ length: states }, (_, s) => (s % 2 === 1 ? (row[(s - 1) / 2] ?? blank) : blank)),
  );
  const table = (value: (row: number, state: number) => number): Tensor =>
    tensor(
      labels.map((row, n) => row.map((_, s) => value(n, s))),
      { device, dtype },
    );
  const emitted = x.gather(2, tensor(labels, { dtype: "int32", device }).unsqueeze(0).expand(steps, batch, states));
  const start = table((n, s) => (s === 0 || (s === 1 && rows[n].length > 0) ? 0 : NEVER));
  // two labels in a row need no blank between them, unless they are the same
  const skip = table((n, s) => (s % 2 === 1 && s > 1 && labels[n][s] !== labels[n][s - 2] ? 0 : NEVER));
  const never = table(() => NEVER);
  const behind = (alpha: Tensor, count: number): Tensor =>
    count < states ? cat([never.narrow(1, 0, count), alpha.narrow(1, 0, states - count)], 1) : never;
  const shortest = Math.min(...inputs);
  const alphas = steps === 0 ? [] : [start.add(emitted.at(0))];
  for (let t = 1; t < steps; t++) {
    const before = alphas[t - 1];
    const ways = stack([before, behind(before, 1), behind(before, 2).add(skip)]);
    const after = ways.logsumexp(0).add(emitted.at(t));
    const running = (): Tensor => tensor(inputs, { device }).gt(t).unsqueeze(1);
    alphas.push(t < shortest ? after : where(running(), after, before));
  }
  const last = alphas.at(-1) ?? start;
  const end = tensor(
    rows.map((row) => [2 * row.length, Math.max(0, 2 * row.length - 1)]),
    { dtype: "int32", device },
  );
  const both = last.gather(1, end);
  const one = tensor(
    rows.map((row) => row.length === 0),
    { device },
  );
  const total = where(one, both.select(1, 0), both.logsumexp(1));
  const impossible = total.lt(NEVER / 2);
  const own = where(impossible, Number.POSITIVE_INFINITY, total.neg());
  const inside = tensor(
    Array.from({ length: steps }, (_, t) => inputs.map((length) => (t < length ? 1 : 0))),
    { dtype, device },
  );
  // adds nothing but to the gradient: the part that log-softmax takes away again
  const mass = where(impossible, 0, x.exp().sum(2).mul(inside).sum(0));
  return own.add(mass.sub(mass.detach()));
}

function lengthsOf(name: string, given: Lengths, batch: number, most = Number.POSITIVE_INFINITY): number[] {
  const lengths = isTensor(given) ? [given.tolist()].flat().map(Number) : [...given];
  if (lengths.length !== batch) throw new ShapeError(`${name} must be of size batchSize`, { lengths, batch });
  for (const length of lengths) {
    if (!Number.isInteger(length) || length < 0) {
      throw new ArgumentError(`Expected ${name} to have value at least 0, but got value ${length}`, { length });
    }
    if (length > most) {
      throw new ArgumentError(`Expected ${name} to have value at most ${most}, but got value ${length}`, { length });
    }
  }
  return lengths;
}

/** The targets of each sequence. */
function targetRows(targets: Tensor, lengths: readonly number[], batch: number): number[][] {
  if (isFloat(targets.dtype) || targets.dtype === "bool") {
    throw new DTypeError("targets must be integers", { dtype: targets.dtype });
  }
  if (targets.ndim === 2) {
    const [rows, width] = targets.shape;
    const longest = Math.max(0, ...lengths);
    if (rows !== batch || width < longest) {
      throw new ShapeError(
        `Expected tensor to have size at least ${longest} at dimension 1, and ${batch} at dimension 0, but got size [${targets.shape.join(", ")}]`,
        { targets: targets.shape },
      );
    }
    return (targets.tolist() as number[][]).map((row, n) => row.slice(0, lengths[n]).map(Number));
  }
  const total = lengths.reduce((sum, n) => sum + n, 0);
  if (targets.ndim !== 1 || targets.shape[0] < total) {
    throw new ShapeError(
      `Expected targets to hold ${total} labels, those of all sequences, but got size [${targets.shape.join(", ")}]`,
      { targets: targets.shape },
    );
  }
  const all = (targets.tolist() as number[]).map(Number);
  let from = 0;
  return lengths.map((length) => {
    const row = all.slice(from, from + length);
    from += length;
    return row;
  });
}
