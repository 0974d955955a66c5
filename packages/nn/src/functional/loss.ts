import {
  ArgumentError,
  autograd,
  classLoss,
  DTypeError,
  dtypeInfo,
  isFloat,
  logSoftmax,
  operator,
  ShapeError,
  type Tensor,
  where,
} from "@kindling/autograd";
import type { Cut } from "../args.js";
import { logsigmoid } from "./activation.js";

/** What becomes of the losses of the elements: nothing, their mean, their sum. */
export type Reduction = "none" | "mean" | "sum";
export type Reduced = { reduction?: Reduction };

export function reduce(loss: Tensor, reduction: string): Tensor {
  switch (reduction) {
    case "none":
      return loss;
    case "mean":
      return loss.mean();
    case "sum":
      return loss.sum();
    default:
      throw new ArgumentError(`${reduction} is not a valid value for reduction`, { reduction });
  }
}

type PairLoss = (input: Tensor, target: Tensor, options?: Reduced) => Tensor;

export const sizes = (t: Tensor): string => `[${t.shape.join(", ")}]`;

// ----------------------------------------------------------------------------------------------- distances

/** `(input − target)²`; the shapes broadcast. */
export const mseLoss = operator<PairLoss>(
  'mseLoss(input, target, *, reduction="mean")',
  (input: Tensor, target: Tensor, reduction: string) => {
    const distance = input.sub(target);
    return reduce(distance.mul(distance), reduction);
  },
);

/** `|input − target|`; the shapes broadcast. */
export const l1Loss = operator<PairLoss>(
  'l1Loss(input, target, *, reduction="mean")',
  (input: Tensor, target: Tensor, reduction: string) => reduce(input.sub(target).abs(), reduction),
);

/** With `d = |input − target|`: `d² / (2 beta)` where `d < beta`, else `d − beta / 2`. */
export const smoothL1Loss = operator<(input: Tensor, target: Tensor, options?: Reduced & { beta?: number }) => Tensor>(
  'smoothL1Loss(input, target, *, reduction="mean", beta=1)',
  (input: Tensor, target: Tensor, reduction: string, beta: number) => {
    if (beta < 0) throw new ArgumentError("smoothL1Loss does not support negative values for beta.", { beta });
    const d = input.sub(target).abs();
    return reduce(beta === 0 ? d : where(d.lt(beta), d.mul(d).mul(0.5 / beta), d.sub(0.5 * beta)), reduction);
  },
);

/** With `d = |input − target|`: `d² / 2` where `d < delta`, else `delta (d − delta / 2)`. */
export const huberLoss = operator<
  (
    input: Tensor,
    target: Tensor,
    ...args: Cut<[reduction: Reduction, delta: number], Reduced & { delta?: number }>
  ) => Tensor
>(
  'huberLoss(input, target, reduction="mean", delta=1)',
  (input: Tensor, target: Tensor, reduction: string, delta: number) => {
    if (!(delta > 0)) throw new ArgumentError("huberLoss does not support non-positive values for delta.", { delta });
    const d = input.sub(target).abs();
    return reduce(where(d.lt(delta), d.mul(d).mul(0.5), d.sub(0.5 * delta).mul(delta)), reduction);
  },
);

// ------------------------------------------------------------------------------------------- classification

type ClassOptions = { weight?: Tensor | null; ignoreIndex?: number } & Reduced;

function checkWeight(weight: Tensor | null, classes: number): void {
  if (weight === null || (weight.ndim === 1 && weight.shape[0] === classes)) return;
  throw new ShapeError(
    `weight tensor should be defined either for all ${classes} classes or no classes but got weight tensor of shape: ${sizes(weight)}`,
    { weight: weight.shape, classes },
  );
}

function checkTargets(input: Tensor, target: Tensor): void {
  const facts = { input: input.shape, target: target.shape };
  if (input.ndim < 1) throw new ShapeError(`Expected 1 or more dimensions (got ${input.ndim})`, facts);
  if (isFloat(target.dtype)) {
    const { scalarName } = dtypeInfo[target.dtype];
    throw new DTypeError(`expected scalar type Long but found ${scalarName}`, { dtype: target.dtype });
  }
  if (input.ndim !== 1 && input.shape[0] !== target.shape[0]) {
    throw new ShapeError(
      `Expected input batchSize (${input.shape[0]}) to match target batchSize (${target.shape[0]}).`,
      facts,
    );
  }
  const expected = input.shape.filter((_, d) => d !== (input.ndim === 1 ? 0 : 1));
  if (expected.join() !== target.shape.join()) {
    throw new ShapeError(`Expected target size [${expected.join(", ")}], got ${sizes(target)}`, facts);
  }
}

function knownReduction(reduction: string): asserts reduction is Reduction {
  if (!["none", "mean", "sum"].includes(reduction)) {
    throw new ArgumentError(`${reduction} is not a valid value for reduction`, { reduction });
  }
}

/**
 * `−weight[target] · input[target]` for log-probabilities `input` (C), (N, C) or (N, C, d₁ …) and class numbers `target` of
 * the same shape without C. Targets equal to `ignoreIndex` count nothing; the mean divides by the sum of the weights.
 * @throws IndexError "Target 5 is out of bounds." (on devices that can tell)
 */
export const nllLoss = operator<
  (input: Tensor, target: Tensor, ...args: Cut<[weight: Tensor | null], ClassOptions>) => Tensor
>(
  'nllLoss(input, target, weight=null, *, ignoreIndex=-100, reduction="mean")',
  (input: Tensor, target: Tensor, weight: Tensor | null, ignoreIndex: number, reduction: string) => {
    checkTargets(input, target);
    const dim = input.ndim === 1 ? 0 : 1;
    checkWeight(weight, input.shape[dim]);
    knownReduction(reduction);
    return classLoss(input, dim, target, weight, { ignoreIndex, reduction });
  },
);

/**
 * `nllLoss` of `logSoftmax(input)`. A `target` in the shape of `input` holds probabilities of the classes instead of their
 * numbers. `labelSmoothing` gives that part of each target to all classes equally.
 */
export const crossEntropy = operator<
  (
    input: Tensor,
    target: Tensor,
    ...args: Cut<[weight: Tensor | null], ClassOptions & { labelSmoothing?: number }>
  ) => Tensor
>(
  'crossEntropy(input, target, weight=null, *, ignoreIndex=-100, reduction="mean", labelSmoothing=0)',
  (
    input: Tensor,
    target: Tensor,
    weight: Tensor | null,
    ignoreIndex: number,
    reduction: string,
    labelSmoothing: number,
  ) => {
    if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
      throw new ArgumentError(`labelSmoothing must be between 0.0 and 1.0. Got: ${labelSmoothing}`, {
        labelSmoothing,
      });
    }
    const dim = input.ndim === 1 ? 0 : 1;
    checkWeight(weight, input.shape[dim]);
    const logits = logSoftmax(input, dim);
    const wide = weight?.reshape(input.shape.map((n, d) => (d === dim ? n : 1))) ?? null;
    if (sizes(input) === sizes(target))
      return probabilityLoss(logits, target, wide, dim, ignoreIndex, reduction, labelSmoothing);
    const nll = nllLoss(logits, target, weight, { ignoreIndex, reduction: reduction as Reduction });
    if (labelSmoothing === 0) return nll;
    const all = (wide === null ? logits : logits.mul(wide)).sum(dim).neg();
    const valid = target.ne(ignoreIndex);
    const spread = where(valid, all, 0);
    const total = (): Tensor => {
      if (weight === null) return valid.sum();
      const perTarget = weight.indexSelect(0, where(valid, target, 0).reshape(-1)).reshape(target.shape);
      return where(valid, perTarget, 0).sum();
    };
    const smooth = reduction === "mean" ? spread.sum().div(total()) : reduce(spread, reduction);
    return nll.mul(1 - labelSmoothing).add(smooth.mul(labelSmoothing / input.shape[dim]));
  },
);

function probabilityLoss(
  logits: Tensor,
  target: Tensor,
  weight: Tensor | null,
  dim: number,
  ignoreIndex: number,
  reduction: string,
  labelSmoothing: number,
): Tensor {
  if (!isFloat(target.dtype)) {
    throw new DTypeError(
      `Expected floating point type for target with class probabilities, got ${dtypeInfo[target.dtype].scalarName}`,
    );
  }
  if (ignoreIndex >= 0) throw new ArgumentError("ignoreIndex is not supported for floating point target");
  const classes = logits.shape[dim];
  const smoothed = labelSmoothing > 0 ? target.mul(1 - labelSmoothing).add(labelSmoothing / classes) : target;
  const terms = logits.mul(smoothed);
  const loss = (weight === null ? terms : terms.mul(weight)).neg();
  return reduction === "mean" ? loss.sum().div(logits.numel() / classes) : reduce(loss.sum(dim), reduction);
}

// ------------------------------------------------------------------------------------------- probabilities

/** The smallest divisor of its gradient: PyTorch's, a float32. */
const LEAST = Math.fround(1e-12);

/** The loss of single probabilities, with logarithms no lower than −100 and a gradient that stays finite. */
class BinaryCrossEntropy extends autograd.Function {
  static override forward(ctx: autograd.FunctionContext, input: Tensor, target: Tensor): Tensor {
    ctx.saveForBackward(input, target);
    const no = input.neg().log1p().clampMin(-100);
    const yes = input.log().clampMin(-100);
    return target.sub(1).mul(no).sub(target.mul(yes));
  }

  static override backward(ctx: autograd.FunctionContext, grad: Tensor): (Tensor | null)[] {
    const [input, target] = ctx.savedTensors;
    const other = input.neg().add(1);
    return [
      grad.mul(input.sub(target).div(other.mul(input).clampMin(LEAST))),
      ctx.needsInputGrad[1] ? grad.mul(other.log().sub(input.log())) : null,
    ];
  }
}

/** Refuses what is no probability, logits in particular, on devices that can tell at once. */
function checkProbabilities(input: Tensor): void {
  if (input.numel() === 0 || !input.storage.device.backend.readSync) return;
  const [least, most] = [input.amin(), input.amax()].map((t) => t.item());
  if (least >= 0 && most <= 1) return;
  throw new ArgumentError("all elements of input should be between 0 and 1", { least, most });
}

type WeightedArgs = Cut<[weight: Tensor | null], { weight?: Tensor | null } & Reduced>;

/** `−weight · (target · log input + (1 − target) · log(1 − input))` for probabilities `input`; logarithms end at −100. */
export const binaryCrossEntropy = operator<(input: Tensor, target: Tensor, ...args: WeightedArgs) => Tensor>(
  'binaryCrossEntropy(input, target, weight=null, *, reduction="mean")',
  (input: Tensor, target: Tensor, weight: Tensor | null, reduction: string) => {
    if (sizes(input) !== sizes(target)) {
      throw new ShapeError(
        `Using a target size (${sizes(target)}) that is different to the input size (${sizes(input)}) is deprecated. Please ensure they have the same size.`,
        { input: input.shape, target: target.shape },
      );
    }
    checkProbabilities(input);
    const loss = BinaryCrossEntropy.apply(input, target) as Tensor;
    return reduce(weight === null ? loss : loss.mul(weight), reduction);
  },
);

type LogitsOptions = { weight?: Tensor | null; posWeight?: Tensor | null } & Reduced;

/** `binaryCrossEntropy` of `sigmoid(input)`, without overflow; `posWeight` multiplies the loss of positive targets. */
export const binaryCrossEntropyWithLogits = operator<
  (input: Tensor, target: Tensor, ...args: Cut<[weight: Tensor | null], LogitsOptions>) => Tensor
>(
  'binaryCrossEntropyWithLogits(input, target, weight=null, *, reduction="mean", posWeight=null)',
  (input: Tensor, target: Tensor, weight: Tensor | null, reduction: string, posWeight: Tensor | null) => {
    if (sizes(input) !== sizes(target)) {
      throw new ShapeError(`Target size (${sizes(target)}) must be the same as input size (${sizes(input)})`, {
        input: input.shape,
        target: target.shape,
      });
    }
    const log = logsigmoid(input);
    const positive = posWeight === null ? log : log.mul(posWeight.sub(1).mul(target).add(1));
    const loss = target.neg().add(1).mul(input).sub(positive);
    return reduce(weight === null ? loss : loss.mul(weight), reduction);
  },
);

/**
 * `target · (log target − input)` for log-probabilities `input`; with `logTarget`, `target` too is a logarithm.
 * `reduction: "batchmean"`, the mathematical definition, divides the sum by the first size.
 */
export const klDiv = operator<
  (input: Tensor, target: Tensor, options?: { reduction?: Reduction | "batchmean"; logTarget?: boolean }) => Tensor
>(
  'klDiv(input, target, *, reduction="mean", logTarget=false)',
  (input: Tensor, target: Tensor, reduction: string, logTarget: boolean) => {
    const loss = logTarget
      ? target.exp().mul(target.sub(input))
      : // 0 · log 0 is 0
        target.mul(where(target.eq(0), 1, target).log()).sub(target.mul(input));
    return reduction === "batchmean" ? loss.sum().div(input.shape[0]) : reduce(loss, reduction);
  },
);
