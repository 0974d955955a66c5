import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { confusionChart, curveChart } from "./charts.js";
import { type ReportData, reportPage } from "./html.js";
import { pngFromSvg } from "./png.js";

/** Writes `report.html` and the pictures (`loss`, `confusion`, and `accuracy` if given, as .svg and .png) into the folder. */
export function writeReport(folder: string, data: ReportData): void {
  const pictures: Record<string, string> = {
    loss: curveChart(data.loss, "loss"),
    confusion: confusionChart(data.confusion, data.languages),
  };
  if (data.accuracy) pictures.accuracy = curveChart(data.accuracy, "accuracy");
  mkdirSync(folder, { recursive: true });
  for (const [name, svg] of Object.entries(pictures)) {
    writeFileSync(join(folder, `${name}.svg`), svg);
    writeFileSync(join(folder, `${name}.png`), pngFromSvg(svg));
  }
  writeFileSync(join(folder, "report.html"), reportPage(data));
}
