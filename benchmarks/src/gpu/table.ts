import { readFileSync, writeFileSync } from "node:fs";

/** What was measured on one GPU, by one command. */
export interface Results {
  readonly date: string;
  /** As the adapter and PyTorch call it. */
  readonly machine: string;
  readonly kindling: string;
  readonly pytorch: string | null;
  readonly rows: readonly Result[];
}

export interface Result {
  readonly name: string;
  /** Floating-point operations of a call, where it is a single operation. */
  readonly flops: number | null;
  /** Milliseconds of a call. */
  readonly kindling: number;
  readonly pytorch: number | null;
  /** Largest error of the elements that were checked, relative to the largest of them. */
  readonly error: number | null;
}

const [begin, end] = ["<!-- results: written by dist/gpu/readme.js -->", "<!-- end of results -->"];

const digits = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** The table in Markdown: operations in TFLOP/s, programs in milliseconds. */
export function markdown({ date, machine, kindling, pytorch, rows }: Results): string {
  const cell = (value: number | null, { flops }: Result): string =>
    value === null ? "–" : digits(flops === null ? value : flops / value / 1e9);
  const line = (row: Result): string => {
    const ratio = row.pytorch === null ? "–" : digits(row.pytorch / row.kindling);
    const unit = row.flops === null ? "ms" : "TFLOP/s";
    return `| ${row.name} | ${unit} | ${cell(row.kindling, row)} | ${cell(row.pytorch, row)} | ${ratio} |`;
  };
  return [
    `## Results on ${machine}`,
    `${kindling}; ${pytorch ?? "without PyTorch"}; ${date}.`,
    ["| work | unit | Kindling | PyTorch | ratio |", "| --- | --- | --: | --: | --: |", ...rows.map(line)].join("\n"),
  ].join("\n\n");
}

/** Writes the table into its place in a README. */
export function writeReadme(path: URL, results: Results): void {
  const text = readFileSync(path, "utf8");
  const [before, after] = [text.indexOf(begin), text.indexOf(end)];
  if (before < 0 || after < before) throw new Error(`${path} has no place for results: ${begin} … ${end}`);
  writeFileSync(path, `${text.slice(0, before + begin.length)}\n\n${markdown(results)}\n\n${text.slice(after)}`);
}
