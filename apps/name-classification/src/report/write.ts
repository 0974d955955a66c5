import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { confusionChart, curveChart } from "@kindling/viz";
import { pngFromSvg } from "app-common/png";
import { io } from "kindling";
import { type ReportData, reportPage } from "./html.js";

/** Writes `report.html` and the pictures (`loss`, `confusion`, and `accuracy` if given, as .svg and .png) into the folder. */
export async function writeReport(folder: string, data: ReportData): Promise<void> {
  const pictures: Record<string, string> = {
    loss: curveChart(data.loss, { x: "epoch", y: "loss" }),
    confusion: confusionChart(data.confusion, data.languages),
  };
  if (data.accuracy) pictures.accuracy = curveChart(data.accuracy, { x: "epoch", y: "accuracy" });
  mkdirSync(folder, { recursive: true });
  const write = (name: string, content: string | Uint8Array): Promise<void> =>
    io.writeFileAtomic(join(folder, name), typeof content === "string" ? new TextEncoder().encode(content) : content);
  for (const [name, svg] of Object.entries(pictures)) {
    await write(`${name}.svg`, svg);
    await write(`${name}.png`, pngFromSvg(svg));
  }
  await write("report.html", reportPage(data));
}
