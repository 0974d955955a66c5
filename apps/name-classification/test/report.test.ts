import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { figuresOf, majorityBaseline } from "../src/metrics.js";
import type { ReportData } from "../src/report/html.js";
import { terminalFigures, terminalMistakes } from "../src/report/terminal.js";
import { writeReport } from "../src/report/write.js";

const evil = "<b>&\"'";
const confusion = [
  [6, 2],
  [1, 3],
];
const data: ReportData = {
  title: `Run ${evil}`,
  command: `names train --data ${evil}`,
  settings: [["data", evil]],
  languages: [evil, "Czech"],
  confusion,
  loss: {
    [`training ${evil}`]: Array.from({ length: 5000 }, (_, i) => ({ x: i / 1000, y: 3 / (1 + i) })),
    test: [{ x: 1, y: 2 }],
  },
  accuracy: { test: [0.1, 0.2, 0.3] },
  predictions: [{ name: evil, truth: "Czech", top: [{ language: evil, logProbability: -0.5 }] }],
};

test("a report is a page that needs nothing else, and pictures in two formats", async () => {
  const folder = mkdtempSync(join(tmpdir(), "names-report-"));
  try {
    await writeReport(folder, data);
    const page = readFileSync(join(folder, "report.html"), "utf8");
    expect(page).not.toContain("<b>");
    expect(page).toContain("<pre>names train --data &lt;b&gt;&amp;&quot;&#39;</pre>");
    expect(page).not.toMatch(/<script|<link|<img|url\(|(src|href)=/);
    expect(page).toContain('75.0 %</td><td class="n">0.750</td>');
    expect(page).toContain("✗ (Czech)");
    for (const name of ["loss", "accuracy", "confusion"]) {
      // A PNG proves the SVG well-formed too: the renderer reads strict XML.
      expect(readFileSync(join(folder, `${name}.png`), "latin1").slice(1, 4)).toBe("PNG");
      expect(readFileSync(join(folder, `${name}.svg`), "utf8")).toMatch(/^<svg .*<\/svg>$/s);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the terminal shows the figures and the mistakes", () => {
  expect(terminalMistakes(confusion, ["Greek", "Czech"])).toMatch(
    /^Greek taken for Czech +2 \(25.0 % of its names\)\nCzech/,
  );
  expect(terminalFigures(figuresOf(confusion), majorityBaseline(confusion))).toMatchInlineSnapshot(`
    "                       accuracy  macro-recall  macro-F1
    this model               75.0 %         0.750     0.733
    always the largest       66.7 %         0.500     0.400"
  `);
});
