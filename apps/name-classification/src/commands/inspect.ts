import { SYMBOLS, UNKNOWN } from "../alphabet.js";
import type { InspectOptions } from "../args.js";
import { withoutRepeats } from "../dataset.js";
import { readNames } from "../dataset-node.js";
import { loadRun } from "../run-node.js";

/** Shows what a run or a data folder holds. */
export async function inspect({ data, run }: InspectOptions): Promise<void> {
  if (run !== undefined) await inspectRun(run);
  else inspectData(data);
}

async function inspectRun(folder: string): Promise<void> {
  const { record, model } = await loadRun(folder);
  const { settings, position, languages, losses, accuracies } = record;
  console.log(String(model));
  for (const [name, parameter] of model.namedParameters()) {
    console.log(`  ${name.padEnd(24)} ${`[${parameter.shape.join(", ")}]`.padEnd(14)} ${parameter.numel()}`);
  }
  console.log(`parameters: ${model.parameters().reduce((n, p) => n + p.numel(), 0)}`);
  for (const [name, value] of Object.entries(settings)) console.log(`${name}: ${value}`);
  console.log(`languages: ${languages.join(", ")}`);
  console.log(
    `trained: ${position.epoch} of ${settings.epochs} epochs${position.names > 0 ? ` and ${position.names} names` : ""}`,
  );
  if (losses.length > 0) console.log(`last training loss: ${losses.at(-1)?.value.toFixed(4)}`);
  if (accuracies.length > 0) console.log(`last test accuracy: ${(100 * (accuracies.at(-1)?.value ?? 0)).toFixed(1)} %`);
}

function inspectData(folder?: string): void {
  const { languages, samples } = readNames(folder);
  console.log(
    `${"".padEnd(14)}${"names".padStart(7)}${"repeats".padStart(9)}${"unknown".padStart(9)}${"mean length".padStart(13)}  longest`,
  );
  const row = (title: string, members: typeof samples): void => {
    const unknown = members.filter(({ text }) => text.includes(UNKNOWN)).length;
    const letters = members.reduce((n, { text }) => n + text.length, 0) / members.length;
    const longest = members.reduce((a, b) => (b.text.length > a.text.length ? b : a));
    const repeats = members.length - withoutRepeats(members).length;
    console.log(
      `${title.padEnd(14)}${String(members.length).padStart(7)}${String(repeats).padStart(9)}${String(unknown).padStart(9)}${letters.toFixed(1).padStart(13)}  ${longest.name.slice(0, 30)}`,
    );
  };
  languages.forEach((language, number) => {
    row(
      language,
      samples.filter((sample) => sample.language === number),
    );
  });
  row("all", samples);
  console.log(
    `"unknown": names with letters outside of the ${SYMBOLS.length - 1} that the network knows; they become "${UNKNOWN}".`,
  );
}
