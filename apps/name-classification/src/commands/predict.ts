import { UsageError } from "app-common";
import { normalise, UNKNOWN } from "../alphabet.js";
import type { PredictOptions } from "../args.js";
import { MAX_LETTERS } from "../dataset.js";
import { predictions } from "../result.js";
import { loadRun } from "../run-node.js";

/** Prints the most likely languages of each name, with log-probabilities, as the tutorial does. */
export async function predict({ names, run: folder, top }: PredictOptions): Promise<void> {
  const read = names.map((name) => ({ name, text: normalise(name.trim()) }));
  for (const { name, text } of read) {
    if (text === "") throw new UsageError(`"${name}" has no letters`);
    if (text.length > MAX_LETTERS) {
      throw new UsageError(
        `a name of ${text.length} letters ("${name.slice(0, 12)}…"): the longest allowed is ${MAX_LETTERS}`,
      );
    }
  }
  const { model, record } = await loadRun(folder);
  const results = await predictions(model, record.languages, read, top);
  for (const [index, { name, top: guesses }] of results.entries()) {
    const { text } = read[index];
    console.log(
      `\n> ${name}${text.includes(UNKNOWN) ? `   (reads ${text}: the network does not know every letter)` : ""}`,
    );
    for (const { language, logProbability } of guesses) {
      console.log(
        `(${logProbability.toFixed(2)}) ${language.padEnd(12)} ${(100 * Math.exp(logProbability)).toFixed(1).padStart(5)} %`,
      );
    }
  }
}
