import { dirname, extname } from "node:path";
import {
  crewOf,
  duration,
  Interrupted,
  interruptible,
  makeFolder,
  openDevice,
  startProgress,
  UsageError,
} from "app-common";
import { manualSeed } from "kindling";
import type { TrainOptions } from "../args.js";
import { saveNet } from "../checkpoint.js";
import { noteOf } from "../paint.js";
import { bundled, fitted, openPicture, pixelsOf } from "../pictures.js";
import { PictureFolder, teach } from "../training.js";
import { TransformNet } from "../transform-net.js";
import { networkFor, styleWeightOf } from "../weights.js";

/** Teaches a net to paint in a style, and writes it. */
export async function train(options: TrainOptions): Promise<void> {
  const { out, size, steps, width, styleLayers, contentLayers } = options;
  const crew = await crewOf(options.distributed);
  const pictures = new PictureFolder(options.data ?? bundled(""), size);
  const example = await openPicture(options.style ?? bundled("swirls.jpg"));
  const style = await pixelsOf(example, ...fitted(example, size));
  if (extname(out) !== ".safetensors") throw new UsageError(`--out ${out}: its extension must be .safetensors`);
  makeFolder(dirname(out));
  const device = (options.device = await openDevice(options.device));
  const layers = [...styleLayers, ...contentLayers];
  if (crew.rank > 0) crew.sum([0]); // the first one may download the weights
  const network = await networkFor(layers, options, crew.rank === 0 ? console.error : () => {});
  if (crew.rank === 0) crew.sum([0]);
  const aim = { ...options, styleWeight: styleWeightOf(network, options.styleWeight, 1e5) };
  manualSeed(options.seed);
  const net = new TransformNet(width).to(device);

  const begin = performance.now();
  const progress = startProgress(steps, { unit: "steps", quiet: crew.rank > 0 });
  let done = 0;
  let note = "";
  await interruptible((stopped) =>
    teach(
      net,
      network.vgg,
      pictures,
      style.to(device),
      aim,
      async (step, losses) => {
        done = step;
        note = noteOf(losses);
        await progress.update(step, note);
        return crew.sum([Number(stopped())])[0] === 0;
      },
      crew,
    ),
  ).finally(() => progress.stop());
  if (crew.rank === 0) await saveNet(out, net, width);
  crew.leave();
  if (crew.rank > 0) return;
  const report = `${out}: ${done} steps in ${duration((performance.now() - begin) / 1000)}, ${note}. Try: npm run style -- apply --model ${out} --content a.jpg`;
  if (done < steps) throw new Interrupted(`\nStopped; what it has learnt is written. ${report}`);
  console.log(report);
}
