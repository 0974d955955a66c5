import { accuracy, type ClassScores, classScores } from "@kindling/train";

/** Counts of names by [true language][predicted language], shape (C, C). */
export type Confusion = readonly (readonly number[])[];

export interface Figures {
  total: number;
  accuracy: number;
  macroRecall: number;
  macroPrecision: number;
  macroF1: number;
  /** One entry for each language, in the order of the matrix. */
  classes: ClassScores[];
}

export interface Mistake {
  truth: number;
  predicted: number;
  count: number;
  /** Of all names of the true language, 0 … 1. */
  share: number;
}

/** Counts pairs of true and predicted class indices. */
export function confusionOf(truth: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < truth.length; i++) counts[truth[i]][predicted[i]]++;
  return counts;
}

/**
 * Accuracy and the macro averages: plain means over the languages that have names here, so that a small language counts as much
 * as a large one. A language that is never predicted has precision 0.
 */
export function figuresOf(counts: Confusion): Figures {
  const classes = classScores(counts);
  const present = classes.filter((c) => c.support > 0);
  const total = sum(classes.map((c) => c.support));
  return {
    total,
    accuracy: accuracy(counts),
    macroRecall: mean(present.map((c) => c.recall)),
    macroPrecision: mean(present.map((c) => c.precision)),
    macroF1: mean(present.map((c) => c.f1)),
    classes,
  };
}

/** What always answering the test side's most frequent language would reach. */
export function majorityBaseline(counts: Confusion): Figures {
  const supports = counts.map(sum);
  const majority = supports.indexOf(Math.max(...supports));
  return figuresOf(supports.map((support) => supports.map((_, predicted) => (predicted === majority ? support : 0))));
}

/** The most frequent mistakes, largest count first. */
export function topMistakes(counts: Confusion, limit: number): Mistake[] {
  return counts
    .flatMap((row, truth) =>
      row.map((count, predicted) => ({ truth, predicted, count, share: count / Math.max(1, sum(row)) })),
    )
    .filter(({ truth, predicted, count }) => truth !== predicted && count > 0)
    .sort((a, b) => b.count - a.count || b.share - a.share)
    .slice(0, limit);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / Math.max(1, values.length);
}
