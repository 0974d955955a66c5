import { dirname, extname } from "node:path";
import { duration, Interrupted, interruptible, makeFolder, openDevice, startProgress, UsageError } from "app-common";
import { manualSeed } from "kindling";
import type { TrainOptions } from "../args.js";
import { saveNet } from "../checkpoint.js";
import { noteOf } from "../paint.js";
import { bundled, fitted, openPicture, pixelsOf } from "../pictures.js";
import { PictureFolder, teach } from "../training.js";
import { TransformNet } from "../transform-net.js";
import { networkFor } from "../weights.js";

/** Teaches a net to paint in a style, and writes it. */
export async function train(options: TrainOptions): Promise<void> {
  const { out, size, steps, width, device, styleLayers, contentLayers } = options;
  const pictures = new PictureFolder(options.data ?? bundled(""), size);
  const example = await openPicture(options.style ?? bundled("swirls.jpg"));
  const style = await pixelsOf(example, ...fitted(example, size));
  if (extname(out) !== ".safetensors") throw new UsageError(`--out ${out}: its extension must be .safetensors`);
  makeFolder(dirname(out));
  await openDevice(device);
  const vgg = await networkFor([...styleLayers, ...contentLayers], options, console.error);
  manualSeed(options.seed);
  const net = new TransformNet(width).to(device);

  const begin = performance.now();
  const progress = startProgress(steps, { unit: "steps" });
  let done = 0;
  let note = "";
  await interruptible((stopped) =>
    teach(net, vgg, pictures, style.to(device), options, async (step, losses) => {
      done = step;
      note = noteOf(losses);
      await progress.update(step, note);
      return !stopped();
    }),
  ).finally(() => progress.stop());
  await saveNet(out, net, width);
  const report = `${out}: ${done} steps in ${duration((performance.now() - begin) / 1000)}, ${note}. Try: npm run style -- apply --model ${out} --content a.jpg`;
  if (done < steps) throw new Interrupted(`\nStopped; what it has learnt is written. ${report}`);
  console.log(report);
}
