import { ArgumentError, ShapeError, type Tensor } from "@kindling/autograd";

/** Counts of samples by [true class][predicted class], (C, C). */
export type Confusion = number[][];

/** The same, which is only read. */
type Counts = readonly (readonly number[])[];

/** The classes that predictions name: themselves, or the largest score of each; the first one where several are. */
function classesOf(predicted: Tensor, target: Tensor, numClasses: number): ArrayLike<number | bigint> {
  const scores = predicted.ndim === target.ndim + 1;
  if (scores ? predicted.shape[1] !== numClasses : predicted.ndim !== target.ndim) {
    throw new ShapeError(`confusionMatrix expects classes (N), or scores (N, ${numClasses}), for targets (N)`, {
      predicted: predicted.shape,
      target: target.shape,
    });
  }
  const classes = scores ? predicted.detach().argmax(1) : predicted.detach();
  return classes.toTypedArray() as ArrayLike<number | bigint>;
}

/**
 * Counts predictions by true and predicted class. Batches add up: pass what the ones before gave as `counts`.
 *
 * ```js
 * let counts;
 * for await (const [x, y] of loader) counts = confusionMatrix(model.forward(x), y, 10, counts);
 * ```
 * @param predicted classes (N), or scores (N, C) of which the largest counts; (N, …) and (N, C, …) where each sample has several
 * @param target true classes (N), or (N, …)
 * @param counts is added to, and is the result; zeros unless told
 * @throws ShapeError for predictions that are neither of the target's shape nor scores of `numClasses` classes
 * @throws ArgumentError for different numbers of samples, counts of other classes, or a class that is not one of `numClasses`
 */
export function confusionMatrix(
  predicted: Tensor,
  target: Tensor,
  numClasses: number,
  counts: Confusion = Array.from({ length: numClasses }, () => new Array<number>(numClasses).fill(0)),
): Confusion {
  const guesses = classesOf(predicted, target, numClasses);
  const truths = target.detach().toTypedArray() as ArrayLike<number | bigint>;
  if (guesses.length !== truths.length) {
    throw new ArgumentError(`confusionMatrix got ${guesses.length} predictions for ${truths.length} targets`);
  }
  if (counts.length !== numClasses) {
    throw new ArgumentError(`confusionMatrix got counts of ${counts.length} classes for ${numClasses}`);
  }
  const check = (of: ArrayLike<number | bigint>, what: string): void => {
    for (let i = 0; i < of.length; i++) {
      const value = Number(of[i]);
      if (Number.isInteger(value) && value >= 0 && value < numClasses) continue;
      throw new ArgumentError(`${what} ${i} is ${value}, which is no class from 0 to ${numClasses - 1}`);
    }
  };
  check(guesses, "prediction"); // before anything is counted
  check(truths, "target");
  for (let i = 0; i < truths.length; i++) counts[Number(truths[i])][Number(guesses[i])]++;
  return counts;
}

/** How well one class is found. */
export interface ClassScores {
  /** Samples of this class. */
  readonly support: number;
  /** Share of what was taken for this class that is of it; 0 where nothing was. */
  readonly precision: number;
  /** Share of this class that was found; 0 where there is none. */
  readonly recall: number;
  /** Harmonic mean of both. */
  readonly f1: number;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

/** Precision, recall and F1 of each class: `classScores(counts)[3].f1`. */
export function classScores(counts: Counts): ClassScores[] {
  return counts.map((row, c) => {
    const support = sum(row);
    const taken = sum(counts.map((other) => other[c]));
    return {
      support,
      precision: ratio(row[c], taken),
      recall: ratio(row[c], support),
      f1: ratio(2 * row[c], support + taken),
    };
  });
}

/** Share of samples whose class was found. */
export const accuracy = (counts: Counts): number => ratio(sum(counts.map((row, c) => row[c])), sum(counts.map(sum)));

/**
 * Means of the classes' scores: `meanScores(counts).f1`. What scikit-learn calls "micro" is `accuracy` where each sample has one class.
 * @param average "macro": each class that has samples or predictions counts the same, as in scikit-learn; "weighted": by its samples
 */
export function meanScores(counts: Counts, average: "macro" | "weighted" = "macro"): Omit<ClassScores, "support"> {
  const scores = classScores(counts);
  const weights = scores.map(({ support }, c) =>
    average === "weighted" ? support : Number(support + sum(counts.map((row) => row[c])) > 0),
  );
  const mean = (of: (scores: ClassScores) => number): number =>
    ratio(sum(scores.map((own, c) => weights[c] * of(own))), sum(weights));
  return { precision: mean((s) => s.precision), recall: mean((s) => s.recall), f1: mean((s) => s.f1) };
}
