import { resolve } from "node:path";
import { duration, startProgress } from "@kindling/train";
import { Interrupted, interruptible, makeFolder, openDevice, UsageError } from "app-common";
import { Generator, nn, rand, type Tensor } from "kindling";
import type { TransferOptions } from "../args.js";
import { inColorsOf } from "../color.js";
import { EventLog } from "../event-log.js";
import { fitted } from "../fit.js";
import { Objective } from "../objective.js";
import { type Losses, noteOf, paint } from "../paint.js";
import { bundled, openPicture, type Picture, pixelsOf, prepareOutput, sharpOf, writePicture } from "../pictures.js";
import { besideOf, writePlot, writeSheet } from "../report.js";
import { styleWeightOf } from "../style-weight.js";
import { networkFor } from "../weights.js";

/** Paints the content in the style, and writes the picture. */
export async function transfer(options: TransferOptions): Promise<void> {
  const content = await openPicture(options.content ?? bundled("valley.jpg"));
  const styles = await Promise.all(
    (options.style.length > 0 ? options.style : [bundled("swirls.jpg")]).map(openPicture),
  );
  if ([content, ...styles].some(({ path }) => resolve(path) === resolve(options.out))) {
    throw new UsageError(`--out ${options.out} is one of the pictures to read`);
  }
  const [width, height] = fitted(content, options.size);
  prepareOutput(options.out);
  if (options.tensorboard !== undefined) makeFolder(options.tensorboard);
  const events = options.tensorboard === undefined ? undefined : new EventLog(options.tensorboard);
  options.device = await openDevice(options.device);
  const network = await networkFor([...options.styleLayers, ...options.contentLayers], options, console.error);
  const aim = { ...options, styleWeight: styleWeightOf(network, options.styleWeight, 1e6) };

  const stages = stagesOf(options);
  const total = stages.reduce((n, { steps }) => n + steps, 0);
  const curve: Losses[] = [];
  const begin = performance.now();
  const progress = startProgress(total, { unit: "steps" });
  let painting: Tensor | undefined;

  const whole = await interruptible(async (stopped) => {
    for (const { size, steps } of stages) {
      const [w, h] = fitted(content, size);
      const target = (await pixelsOf(content, w, h)).to(options.device);
      const examples = await Promise.all(
        styles.map(async (s) => (await pixelsOf(s, ...fitted(s, size))).to(options.device)),
      );
      const objective = new Objective(network.vgg, target, examples, aim);
      const start = painting ? resized(painting, w, h) : await startOf(options, target, styles[0]);
      painting = await paint(start, objective, { ...options, steps }, async (_, losses, picture) => {
        curve.push(losses);
        events?.losses(curve.length, losses);
        await progress.update(curve.length, noteOf(losses));
        if (options.saveEvery > 0 && curve.length % options.saveEvery === 0 && curve.length < total) {
          await save(besideOf(options.out, `-${String(curve.length).padStart(4, "0")}`), picture);
        }
        return !stopped();
      });
      if (stopped() && curve.length < total) return false;
    }
    return true;
  }).finally(() => progress.stop());

  const result = await save(options.out, painting as Tensor);
  events?.close();
  if (options.sheet) await writeSheet(besideOf(options.out, "-sheet"), content, styles, result);
  if (options.plot) await writePlot(besideOf(options.out, "-loss", ".png"), curve);
  const seconds = (performance.now() - begin) / 1000;
  const report = `${options.out}: ${width} × ${height}, ${curve.length} steps in ${duration(seconds)}, ${noteOf(curve[curve.length - 1])}`;
  if (!whole) throw new Interrupted(`\nStopped; the picture so far is written. ${report}`);
  console.log(report);

  /** Writes a painting at the size that was asked for, and logs it. */
  async function save(path: string, picture: Tensor): Promise<Tensor> {
    let pixels = resized(await picture.cpu(), width, height);
    if (options.preserveColor) pixels = inColorsOf(await pixelsOf(content, width, height), pixels);
    await writePicture(path, sharpOf(pixels));
    events?.picture(curve.length, pixels);
    return pixels;
  }
}

/** Where a pyramid begins: below, the network's windows see most of the picture at once. */
const COARSEST = 64;

/** Sizes to paint in, and steps in each: with a pyramid twice the size and half the steps each time. */
export function stagesOf({ size, steps, pyramid }: Pick<TransferOptions, "size" | "steps" | "pyramid">) {
  const sizes = [size];
  while (pyramid && sizes[0] / 2 >= COARSEST) sizes.unshift(Math.round(sizes[0] / 2));
  return sizes.map((size, level) => ({ size, steps: Math.ceil(steps / 2 ** level) }));
}

async function startOf({ init, seed, device }: TransferOptions, content: Tensor, style: Picture): Promise<Tensor> {
  if (init === "content") return content;
  const [, , height, width] = content.shape;
  const start =
    init === "style"
      ? await pixelsOf(style, width, height)
      : rand(1, 3, height, width, { generator: new Generator().manualSeed(seed) });
  return start.to(device);
}

function resized(picture: Tensor, width: number, height: number): Tensor {
  if (picture.shape[3] === width && picture.shape[2] === height) return picture;
  return nn.functional.interpolate(picture, { size: [height, width], mode: "bilinear" });
}
