import { Buffer, isUtf8 } from "node:buffer";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { reasonOf, UsageError } from "app-common";
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

/** The names that come with the application: 18 languages. */
export const bundledData = fileURLToPath(new URL("../data", import.meta.url));

/**
 * Reads a folder of `LANGUAGE.txt` files, UTF-8, one name a line; blank lines are skipped.
 * @throws UsageError for a folder or file that no classifier can be trained on, naming the file and the line or byte.
 */
export function readNames(folder: string = bundledData): NameData {
  const languages = languagesIn(folder);
  const samples = languages.flatMap((name, language) => readLanguage(join(folder, `${name}.txt`), language));
  if (languages.length === 1) {
    throw new UsageError(
      `${folder} has one language only (${languages[0]}.txt): telling names apart needs at least two`,
    );
  }
  return { languages, samples };
}

function languagesIn(folder: string): string[] {
  try {
    const files = readdirSync(folder).filter((file) => file.endsWith(".txt") && !file.startsWith("."));
    if (files.length > 0) return files.map((file) => basename(file, ".txt")).sort();
  } catch (error) {
    throw new UsageError(`cannot read the data folder ${folder}: ${reasonOf(error)}`);
  }
  throw new UsageError(`${folder} has no .txt files: it needs one LANGUAGE.txt for each language, one name a line`);
}

function readLanguage(path: string, language: number): Sample[] {
  const samples: Sample[] = [];
  const lines = readUtf8(path).split(/\r\n|\r|\n/);
  for (const [index, line] of lines.entries()) {
    const name = line.trim();
    if (name === "") continue;
    const text = normalise(name);
    if (text === "") throw new UsageError(`${path}, line ${index + 1}: a name of accents without any letter`);
    if (text.length > MAX_LETTERS) {
      throw new UsageError(
        `${path}, line ${index + 1}: a name of ${text.length} letters, the longest allowed is ${MAX_LETTERS}`,
      );
    }
    samples.push({ name, text, language });
  }
  if (samples.length === 0) throw new UsageError(`${path} has no names in it`);
  return samples;
}

function readUtf8(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${reasonOf(error)}`);
  }
  const text = bytes.toString("utf8");
  if (!isUtf8(bytes)) {
    // Decoding replaced the broken bytes, so that encoding again differs from the file where they begin.
    const again = Buffer.from(text);
    const offset = bytes.findIndex((byte, index) => byte !== again[index]);
    const line = bytes
      .subarray(0, offset)
      .toString("latin1")
      .split(/\r\n|\r|\n/).length;
    throw new UsageError(`${path} is not UTF-8: broken at byte ${offset} (line ${line}); save the file as UTF-8`);
  }
  return text.replace(/^\uFEFF/, "");
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
