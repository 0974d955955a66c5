import { terminalConfusion, terminalCurve } from "@kindling/viz";
import type { Sample } from "./dataset.js";
import { type Confusion, figuresOf, majorityBaseline } from "./metrics.js";
import type { NameClassifier } from "./model.js";
import type { Prediction } from "./report/html.js";
import { terminalFigures, terminalMistakes } from "./report/terminal.js";
import { writeReport } from "./report/write.js";
import type { Run, RunRecord } from "./run.js";
import { type LossPoint, logProbabilities } from "./training.js";

/** The `top` most likely languages of each name. */
export async function predictions(
  model: NameClassifier,
  languages: readonly string[],
  names: readonly { name: string; text: string; language?: number }[],
  top: number,
  device = "cpu",
): Promise<Prediction[]> {
  const scores = await logProbabilities(
    model,
    names.map((n) => n.text),
    device,
  );
  const [values, indices] = scores.topk(Math.min(top, languages.length), 1);
  const likely = values.tolist() as number[][];
  const which = indices.tolist() as number[][];
  return names.map(({ name, language }, i) => ({
    name,
    ...(language !== undefined && { truth: languages[language] }),
    top: which[i].map((index, rank) => ({ language: languages[index], logProbability: likely[i][rank] })),
  }));
}

/** The command that makes a run again. */
const commandOf = ({ settings: s }: RunRecord): string =>
  [
    "npm run names -- train",
    ...(s.data === undefined ? [] : [`--data ${/\s/.test(s.data) ? JSON.stringify(s.data) : s.data}`]),
    `--split ${s.split} --model ${s.model}`,
    ...(s.model === "batched" ? [`--cell ${s.cell} --layers ${s.layers} --batch ${s.batch}`] : []),
    `--hidden ${s.hidden} --epochs ${s.epochs} --optimizer ${s.optimizer} --lr ${s.lr} --decay ${s.decay} --balance ${s.balance} --seed ${s.seed}`,
  ].join(" ");

const curveOf = (points: readonly LossPoint[]) => points.map(({ epoch, value }) => ({ x: epoch, y: value }));

/** Names of the test side that the report shows with their predictions. */
const SHOWN = 12;

/** Writes the report and its pictures. */
export async function writeResult(
  folder: string,
  run: Run,
  test: readonly Sample[],
  counts: Confusion,
  device: string,
): Promise<void> {
  const { record, model } = run;
  await writeReport(folder, {
    title: "Which language is a name from?",
    command: commandOf(record),
    settings: [
      ...(Object.entries(record.settings) as [string, string | number][]),
      ["parameters", model.parameters().reduce((n, p) => n + p.numel(), 0)],
    ],
    languages: record.languages,
    confusion: counts,
    loss: { training: curveOf(record.losses) },
    accuracy: { test: curveOf(record.accuracies) },
    predictions: await predictions(model, record.languages, test.slice(0, SHOWN), 3, device),
  });
}

/** Prints what the training has come to: loss curve, figures, and where to see more. */
export function showResult(record: RunRecord, counts: Confusion, folder: string): void {
  console.log(`
training loss
${terminalCurve(record.losses.map((point) => point.value))}`);
  showFigures(record, counts);
  console.log(`
${folder}/report.html shows all of it. Try: npm run names -- predict Dvořák Satoshi --run ${folder}`);
}

/** Prints figures beside the baseline, confusion matrix and mistakes. */
export function showFigures(record: RunRecord, counts: Confusion): void {
  console.log(`
${terminalFigures(figuresOf(counts), majorityBaseline(counts))}

of the names of a language (row), percent taken for each (column)
${terminalConfusion(counts, record.languages)}

${terminalMistakes(counts, record.languages)}`);
}
