import { ArgumentError, type Tensor } from "@kindling/autograd";

/** Counts of samples by [true class][predicted class], (C, C). */
export type Confusion = number[][];

/** The same, which is only read. */
type Counts = readonly (readonly number[])[];

/** The classes that predictions name: themselves, or the largest of each row of scores (N, C); the first one where several are. */
function classesOf(predicted: Tensor): ArrayLike<number | bigint> {
  const classes = predicted.ndim > 1 ? predicted.detach().argmax(1) : predicted.detach();
  return classes.toTypedArray() as ArrayLike<number | bigint>;
}

/**
 * Counts predictions by true and predicted class. Batches add up: pass what the ones before gave as `counts`.
 * @param predicted classes (N), or scores (N, C) of which the largest counts
 * @param target true classes (N)
 * @param counts is added to, and is the result; zeros unless told
 * @throws ArgumentError for different numbers of samples, or a class that is not one of `numClasses`
 */
export function confusionMatrix(
  predicted: Tensor,
  target: Tensor,
  numClasses: number,
  counts: Confusion = Array.from({ length: numClasses }, () => new Array<number>(numClasses).fill(0)),
): Confusion {
  const [guesses, truths] = [classesOf(predicted), target.detach().toTypedArray() as ArrayLike<number | bigint>];
  if (guesses.length !== truths.length) {
    throw new ArgumentError(`confusionMatrix got ${guesses.length} predictions for ${truths.length} targets`);
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

/** Precision, recall and F1 of each class. */
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
 * Means of the classes' scores.
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
