import { UsageError } from "app-common";
import type { EvaluateOptions } from "../args.js";
import type { NameData } from "../dataset.js";
import { readNames } from "../dataset-node.js";
import { showFigures, showResult, writeResult } from "../result.js";
import { fingerprint, type RunRecord, sidesOf } from "../run.js";
import { loadRun } from "../run-node.js";
import { confusion } from "../training.js";

/** Measures a run on its own test side and writes its report again, or on all names of another folder. */
export async function evaluate({ run: folder, data }: EvaluateOptions): Promise<void> {
  const run = await loadRun(folder);
  const { record, model } = run;
  const names = readNames(data ?? record.settings.data);
  const own = fingerprint(names) === record.dataSha256;
  if (data === undefined && !own) {
    throw new UsageError(
      `the names in ${record.settings.data ?? "the bundled data"} have changed since the run in ${folder} was trained; name a folder with --data`,
    );
  }
  const samples = own ? sidesOf(names, record.settings).test : relabelled(names, record);
  const counts = await confusion(model, samples, record.languages.length, "cpu");
  if (!own) return showFigures(record, counts);
  await writeResult(folder, run, samples, counts, "cpu");
  showResult(record, counts, folder);
}

/** Samples of another folder, with the run's numbers of the languages. */
function relabelled({ languages, samples }: NameData, record: RunRecord) {
  const numbers = languages.map((language) => {
    const number = record.languages.indexOf(language);
    if (number < 0) throw new UsageError(`the run does not know ${language}; it knows ${record.languages.join(", ")}`);
    return number;
  });
  return samples.map((sample) => ({ ...sample, language: numbers[sample.language] }));
}
