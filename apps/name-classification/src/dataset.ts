import { UsageError } from "app-common/errors";
import { normalise } from "./alphabet.js";

export interface Sample {
  /** As the file has it, without surrounding blanks. */
  name: string;
  /** The name in the 58 symbols of the alphabet. */
  text: string;
  /** Index into {@link NameData.languages}. */
  language: number;
}

export interface NameData {
  /** Sorted; each is a file's name without ".txt". */
  languages: string[];
  /** Language by language, in the order of the files' lines. */
  samples: Sample[];
}

/** "default" drops repeated (text, language) pairs before splitting, "tutorial" splits all lines as they are. */
export type SplitName = "default" | "tutorial";

export interface Split {
  train: Sample[];
  test: Sample[];
}

/** Longer names are taken for a broken file: one name would cost as much memory as thousands. */
export const MAX_LETTERS = 1000;

/**
 * The samples of a language's file: one name a line; blank lines are skipped.
 * @param where the file, for errors
 * @throws UsageError for names that no classifier can be trained on, naming the line
 */
export function parseNames(text: string, language: number, where: string): Sample[] {
  const samples: Sample[] = [];
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const name = line.trim();
    if (name === "") continue;
    samples.push({ name, text: readable(name, `${where}, line ${index + 1}`), language });
  }
  if (samples.length === 0) throw new UsageError(`${where} has no names in it`);
  return samples;
}

/** A name in the network's alphabet, if it can be read. */
function readable(name: string, where: string): string {
  const text = normalise(name);
  if (text === "") throw new UsageError(`${where}: a name of accents without any letter`);
  if (text.length > MAX_LETTERS) {
    throw new UsageError(`${where}: a name of ${text.length} letters, the longest allowed is ${MAX_LETTERS}`);
  }
  return text;
}

/**
 * Divides the samples at random, the first ⌊(1 − testFraction)·n⌋ of the permutation for training.
 * @param permute a random permutation of 0 … n − 1, for example the library's seeded `randperm`
 * @throws UsageError if either side would be empty
 */
export function splitSamples(
  samples: readonly Sample[],
  split: SplitName,
  permute: (n: number) => Int32Array,
  testFraction = 0.15,
): Split {
  const kept = split === "tutorial" ? samples : withoutRepeats(samples);
  const trainSize = Math.trunc((1 - testFraction) * kept.length);
  if (trainSize === 0 || trainSize === kept.length) {
    throw new UsageError(`${kept.length} names are too few to keep some of them aside for testing`);
  }
  const shuffled = Array.from(permute(kept.length), (index) => kept[index]);
  return { train: shuffled.slice(0, trainSize), test: shuffled.slice(trainSize) };
}

/** The first of each (text, language) pair, so that no test name has been seen in training under the same language. */
export function withoutRepeats(samples: readonly Sample[]): Sample[] {
  const seen = new Set<string>();
  return samples.filter(({ text, language }) => {
    const key = `${language} ${text}`;
    return !seen.has(key) && seen.add(key);
  });
}
