import { confusionChart, curveChart, type Points } from "@kindling/viz";
import type { Confusion, Figures } from "../metrics.js";
import { figuresOf, majorityBaseline, topMistakes } from "../metrics.js";
import { percent } from "./terminal.js";

export interface Prediction {
  name: string;
  /** The true language, where it is known. */
  truth?: string;
  /** Most likely first; log-probabilities are natural logarithms. */
  top: readonly { language: string; logProbability: number }[];
}

export interface ReportData {
  title: string;
  /** The command line that makes this run again. */
  command: string;
  settings: readonly (readonly [name: string, value: string | number | boolean])[];
  languages: readonly string[];
  /** Of the test side. */
  confusion: Confusion;
  /** Curves by their names, as viz takes them. */
  loss: Readonly<Record<string, Points>>;
  accuracy?: Readonly<Record<string, Points>>;
  predictions: readonly Prediction[];
}

/** One self-contained page: no script, no file beside it, nothing from a network. */
export function reportPage(data: ReportData): string {
  const { title, command, settings, languages, confusion, loss, accuracy, predictions } = data;
  const figures = figuresOf(confusion);
  const language = (index: number) => languages[index];
  return `<!doctype html>
${
  html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<h2>Result on ${figures.total} names kept aside</h2>
${figuresTable(figures, majorityBaseline(confusion))}
<p class="note">Macro figures are plain means over the languages: a language with few names counts as much as a large one.</p>
<h2>Loss</h2>
<figure>${raw(curveChart(loss, { x: "epoch", y: "loss" }))}</figure>
${accuracy ? html`<h2>Accuracy</h2>\n<figure>${raw(curveChart(accuracy, { x: "epoch", y: "accuracy" }))}</figure>` : ""}
<h2>Which language is taken for which</h2>
<figure>${raw(confusionChart(confusion, languages))}</figure>
<p class="note">Percent of each row: of the names of the true language, how many were taken for the predicted one.</p>
<h2>Most frequent mistakes</h2>
<table>
<tr><th>true</th><th>predicted</th><th class="n">names</th><th class="n">of the language</th></tr>
${topMistakes(confusion, 10).map(
  (m) =>
    html`<tr><td>${language(m.truth)}</td><td>${language(m.predicted)}</td><td class="n">${m.count}</td><td class="n">${percent(m.share)}</td></tr>\n`,
)}</table>
<h2>By language</h2>
<table>
<tr><th>language</th><th class="n">names</th><th class="n">recall</th><th class="n">precision</th><th class="n">F1</th></tr>
${figures.classes.map(
  (c, i) =>
    html`<tr><td>${language(i)}</td><td class="n">${c.support}</td><td class="n">${percent(c.recall)}</td><td class="n">${percent(c.precision)}</td><td class="n">${c.f1.toFixed(3)}</td></tr>\n`,
)}</table>
<h2>Predictions</h2>
<table>
<tr><th>name</th><th>first</th><th>second</th><th>third</th></tr>
${predictions.map(predictionRow)}</table>
<p class="note">In brackets the natural logarithm of the probability.</p>
<h2>Settings</h2>
<table>
${settings.map(([name, value]) => html`<tr><th>${name}</th><td>${value}</td></tr>\n`)}</table>
<h2>Make it again</h2>
<pre>${command}</pre>
</main>
</body>
</html>
`.text
}`;
}

function figuresTable(figures: Figures, baseline: Figures): Html {
  const row = (title: string, f: Figures) =>
    html`<tr><th>${title}</th><td class="n">${percent(f.accuracy)}</td><td class="n">${f.macroRecall.toFixed(3)}</td><td class="n">${f.macroF1.toFixed(3)}</td></tr>\n`;
  return html`<table class="figures">
<tr><th></th><th class="n">accuracy</th><th class="n">macro-recall</th><th class="n">macro-F1</th></tr>
${row("this model", figures)}${row("always the largest language", baseline)}</table>`;
}

function predictionRow({ name, truth, top }: Prediction): Html {
  const cells = top.map(({ language, logProbability }, i) => {
    const right = truth === undefined || i > 0 ? "" : language === truth ? " ✓" : ` ✗ (${truth})`;
    return html`<td>${language} <small>(${logProbability.toFixed(2)})</small>${right}</td>`;
  });
  return html`<tr><td>${name}</td>${cells}</tr>\n`;
}

/** Text that is HTML already, so that {@link html} does not escape it again. */
interface Html {
  text: string;
}

function raw(text: string): Html {
  return { text };
}

/** Fills a template, escaping every value that is not itself the result of `html` or `raw`. */
function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | number | boolean | Html | readonly Html[])[]
): Html {
  const filled = values.map((value) => {
    if (typeof value !== "object") return escapeHtml(String(value));
    return "text" in value ? value.text : value.map(({ text }) => text).join("");
  });
  return raw(String.raw({ raw: parts }, ...filled));
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (character) => entities[character]);
}

const STYLE = `
:root { color-scheme: light dark; --line: #d5dae1; --soft: #5b6774; --band: #f3f5f8; }
body { margin: 0; background: #fff; color: #1f2933; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { line-height: 1.2; }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.25rem; }
figure { margin: 0; overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); text-align: left; font-weight: normal; }
th { color: var(--soft); }
.n { text-align: right; font-variant-numeric: tabular-nums; }
.figures tr:nth-child(2) td { font-weight: bold; font-size: 1.25rem; }
.note, small { color: var(--soft); }
pre { padding: .75rem 1rem; background: var(--band); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; }
@media (prefers-color-scheme: dark) {
  :root { --line: #39424d; --soft: #9aa7b4; --band: #1d242c; }
  body { background: #12171c; color: #e4e9ee; }
}
`;
