import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, extname } from "node:path";
import { duration, startProgress } from "@kindling/train";
import { crewOf, Interrupted, interruptible, makeFolder, openDevice, UsageError } from "app-common";
import { manualSeed, noGrad } from "kindling";
import type { TrainOptions } from "../args.js";
import { KEPT, loadTraining, type SavedTraining, type Settings, saveNet, saveTraining } from "../checkpoint.js";
import { EventLog } from "../event-log.js";
import { fitted } from "../fit.js";
import { type Losses, noteOf } from "../paint.js";
import { bundled, openPicture, pixelsOf } from "../pictures.js";
import { styleWeightOf } from "../style-weight.js";
import { PictureFolder, startTraining, type Training, teach } from "../training.js";
import { TransformNet } from "../transform-net.js";
import { networkFor } from "../weights.js";

/** Teaches a net to paint in a style, and writes it; or goes on with that. */
export async function train(asked: TrainOptions): Promise<void> {
  const { out } = asked;
  const crew = await crewOf(asked.distributed);
  if (extname(out) !== ".safetensors") throw new UsageError(`--out ${out}: its extension must be .safetensors`);
  asked.device = await openDevice(asked.device);
  const saved = asked.resume ? await loadTraining(out, asked.device) : undefined;
  const options = saved === undefined ? asked : agreed(asked, saved.settings);
  const { device, size, steps, styleLayers, contentLayers } = options;
  const pictures = new PictureFolder(options.data ?? bundled(""), size);
  const styleFile = options.style ?? bundled("swirls.jpg");
  const example = await openPicture(styleFile);
  const prints = {
    pictures: pictures.fingerprint,
    style: createHash("sha256").update(readFileSync(styleFile)).digest("hex"),
  };
  if (saved !== undefined) checkResumed(saved, prints, options);
  const style = await pixelsOf(example, ...fitted(example, size));
  makeFolder(dirname(out));
  if (asked.tensorboard !== undefined) makeFolder(asked.tensorboard);
  const events = asked.tensorboard === undefined || crew.rank > 0 ? undefined : new EventLog(asked.tensorboard);
  const layers = [...styleLayers, ...contentLayers];
  if (crew.rank > 0) crew.sum([0]); // the first one may download the weights
  const network = await networkFor(layers, options, crew.rank === 0 ? console.error : () => {});
  if (crew.rank === 0) crew.sum([0]);
  const aim = { ...options, styleWeight: styleWeightOf(network, options.styleWeight, 1e5) };
  const training = saved?.training ?? newTraining(options);

  const begin = performance.now();
  const progress = startProgress(steps, {
    unit: "steps",
    start: training.step,
    ...(crew.rank > 0 && { show: () => {} }),
  });
  const settings = Object.fromEntries(KEPT.map((name) => [name, options[name]])) as unknown as Settings;
  const save = async (): Promise<void> => {
    if (crew.rank > 0) return;
    await saveTraining(out, { training, settings, ...prints });
    await saveNet(out, training.net, options.width);
    if (events === undefined) return;
    events.learningRate(training.step, training.optimizer.paramGroups[0].lr);
    const shown = (await pictures.get(0)).unsqueeze(0).to(device);
    events.picture(training.step, await noGrad(() => training.net.forward(shown)).cpu());
  };
  const before = training.step;
  let note = "";
  const report = async (stopped: () => boolean, step: number, losses: Losses): Promise<boolean> => {
    note = noteOf(losses);
    events?.losses(step, losses);
    await progress.update(step, note);
    if (options.saveEvery > 0 && step % options.saveEvery === 0 && step < steps) await save();
    return crew.sum([Number(stopped())])[0] === 0;
  };
  await interruptible(
    (stopped) =>
      teach(
        training,
        network.vgg,
        pictures,
        style.to(device),
        aim,
        (step, losses) => report(stopped, step, losses),
        crew,
      ),
    crew.rank > 0,
  ).finally(() => progress.stop());
  await save();
  events?.close();
  crew.leave();
  if (crew.rank > 0) return;
  const { step } = training;
  const told = `${out}: ${step - before} steps in ${duration((performance.now() - begin) / 1000)}, ${note}.`;
  if (step < steps) {
    throw new Interrupted(
      `\nStopped; what it has learnt is written. ${told} Go on with: npm run style -- train --resume --out ${out}`,
    );
  }
  console.log(`${told} Try: npm run style -- apply --model ${out} --content a.jpg`);
}

function newTraining(options: TrainOptions): Training {
  manualSeed(options.seed);
  return startTraining(new TransformNet(options.width).to(options.device), options);
}

/** Where the files are that a training reads, how long it goes on and how often it is saved may change from run to run. */
const FREE: readonly string[] = ["data", "style", "weights", "download", "steps", "saveEvery"];

/** The options of a saved training, with what is asked anew. */
function agreed(asked: TrainOptions, settings: Settings): TrainOptions {
  const options = { ...asked };
  for (const name of KEPT) {
    if (!asked.given.includes(name)) Object.assign(options, { [name]: settings[name] });
    else if (!FREE.includes(name) && String(asked[name]) !== String(settings[name])) {
      const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      throw new UsageError(
        `--resume: the training of ${asked.out} has --${flag} ${settings[name]}, not ${asked[name]}`,
      );
    }
  }
  return options;
}

/** @throws UsageError where the pictures or the style are others, or no steps are left */
function checkResumed(
  saved: SavedTraining,
  prints: Pick<SavedTraining, "pictures" | "style">,
  options: TrainOptions,
): void {
  const { training } = saved;
  const began = `that the training of ${options.out} began with`;
  if (saved.pictures !== prints.pictures) {
    throw new UsageError(`--resume: the pictures in ${options.data ?? "the bundled folder"} are not those ${began}`);
  }
  if (saved.style !== prints.style) {
    throw new UsageError(`--resume: the picture ${options.style ?? "swirls.jpg"} is not the one ${began}`);
  }
  if (training.step >= options.steps) {
    throw new UsageError(
      `--resume: the training of ${options.out} has come to step ${training.step}; ask for more (--steps)`,
    );
  }
}
