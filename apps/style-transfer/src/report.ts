import { extname } from "node:path";
import { type Axes, curveChart } from "@kindling/viz";
import { pngFromSvg } from "app-common/png";
import { io, type Tensor } from "kindling";
import sharp from "sharp";
import type { Losses } from "./paint.js";
import { type Picture, pixelsOf, sharpOf, writePicture } from "./pictures.js";

/** "folder/out.png" and "-sheet" → "folder/out-sheet.png". */
export function besideOf(path: string, ending: string, extension = extname(path)): string {
  return path.slice(0, path.length - extname(path).length) + ending + extension;
}

/** White between the pictures of a sheet, in pixels. */
const GAP = 8;

/** Writes content, styles and result side by side, all as high as the result, (1, 3, H, W). */
export async function writeSheet(
  path: string,
  content: Picture,
  styles: readonly Picture[],
  result: Tensor,
): Promise<void> {
  const height = result.shape[2];
  const sources = [content, ...styles].map((picture) =>
    pixelsOf(picture, Math.max(1, Math.round((picture.width * height) / picture.height)), height),
  );
  let left = GAP;
  const row = [];
  for (const pixels of [...(await Promise.all(sources)), result]) {
    row.push({ input: await sharpOf(pixels).png().toBuffer(), left, top: GAP });
    left += pixels.shape[3] + GAP;
  }
  const sheet = sharp({ create: { width: left, height: height + 2 * GAP, channels: 3, background: "white" } });
  await writePicture(path, sharp(await sheet.composite(row).png().toBuffer()));
}

const axes: Axes = { x: "step", y: "loss", log: true };

/** Writes the course of the losses as a PNG. */
export async function writePlot(path: string, losses: readonly Losses[]): Promise<void> {
  const names = ["style", "content", "tv"] as const;
  const curves = names.map((name) => [name, losses.map((all) => all[name])] as const);
  const shown = Object.fromEntries(curves.filter(([, values]) => values.some((value) => value > 0)));
  await io.writeFileAtomic(path, pngFromSvg(curveChart(shown, axes)));
}
