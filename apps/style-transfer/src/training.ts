import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { reasonOf, UsageError } from "app-common";
import { alone, type Crew } from "app-common/crew";
import { data, Generator, nn, noGrad, optim, stack, type Tensor } from "kindling";
import type { LossOptions, TrainOptions } from "./args.js";
import { gram, sum, totalVariation } from "./objective.js";
import type { Losses } from "./paint.js";
import { openPicture, pixelsOf } from "./pictures.js";
import type { TransformNet } from "./transform-net.js";
import type { Vgg } from "./vgg.js";

const { mseLoss } = nn.functional;

/** Files that are taken for pictures. */
const PICTURES = [".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".gif", ".avif"];

/** The pictures of a folder, each cut to a square of `size` pixels: (3, size, size). */
export class PictureFolder extends data.Dataset<Tensor> {
  readonly #paths: string[];
  readonly #size: number;

  /** @throws UsageError for a folder without pictures */
  constructor(folder: string, size: number) {
    super();
    this.#size = size;
    try {
      const names = readdirSync(folder).filter((name) => PICTURES.includes(extname(name).toLowerCase()));
      this.#paths = names.sort().map((name) => join(folder, name));
    } catch (error) {
      throw new UsageError(`cannot read the folder ${folder}: ${reasonOf(error)}`);
    }
    if (this.#paths.length === 0) throw new UsageError(`${folder} holds no pictures (${PICTURES.join(", ")})`);
  }

  /** SHA-256 of the files' names, in order. */
  get fingerprint(): string {
    return createHash("sha256")
      .update(this.#paths.map((path) => basename(path)).join("\n"))
      .digest("hex");
  }

  get length(): number {
    return this.#paths.length;
  }

  async get(index: number): Promise<Tensor> {
    const picture = await openPicture(this.#paths[index]);
    return (await pixelsOf(picture, this.#size, this.#size)).squeeze(0);
  }
}

/** The Gram matrix of each picture of (N, C, H, W), as (N, C, C). */
const grams = (features: Tensor): Tensor => stack(features.split(1).map(gram));

/** A training as it stands. */
export interface Training {
  readonly net: TransformNet;
  readonly optimizer: optim.Adam;
  /** Steps done, and how many of them in this round through the pictures. */
  step: number;
  inRound: number;
  /** State of the generator that draws the order of the pictures, when this round began. */
  order: Uint8Array;
}

/** The beginning of a training. */
export const startTraining = (net: TransformNet, { lr, seed }: Pick<TrainOptions, "lr" | "seed">): Training => ({
  net,
  optimizer: new optim.Adam(net.parameters(), { lr }),
  step: 0,
  inRound: 0,
  order: new Generator().manualSeed(seed).getState(),
});

/** This process's share of each batch that the round has still to go through. */
const sharesOf = (
  batches: Iterable<readonly number[]>,
  training: Training,
  crew: Crew,
): Iterable<readonly number[]> => ({
  *[Symbol.iterator]() {
    let done = training.inRound;
    for (const batch of batches) if (done-- <= 0) yield crew.share(batch);
  },
});

/**
 * Teaches a net to paint in one style: it is shown pictures, and its paintings are judged as Gatys' are. Goes on where the training stands, to the same numbers
 * as without a stop.
 * @param style (1, 3, h, w)
 * @param report is told the losses after each step; it stops the work by `false`
 * @throws UsageError where the losses run away
 */
export async function teach(
  training: Training,
  vgg: Vgg,
  pictures: data.Dataset<Tensor>,
  style: Tensor,
  options: LossOptions & Pick<TrainOptions, "steps" | "batch" | "device">,
  report: (step: number, losses: Losses) => Promise<boolean>,
  crew: Crew = alone,
): Promise<void> {
  const { styleLayers, contentLayers, steps, device } = options;
  const { optimizer } = training;
  const painter = crew.parallel(training.net);
  const aims = noGrad(() => vgg.at(style, styleLayers).map(gram));
  const generator = new Generator().setState(training.order);
  const batchSize = Math.min(options.batch, pictures.length);
  if (batchSize < crew.size) {
    throw new UsageError(`${batchSize} pictures in a step (--batch) are too few for ${crew.size} processes to share`);
  }
  const batches = new data.BatchSampler(new data.RandomSampler(pictures, { generator }), batchSize, true);
  const loader = new data.DataLoader<Tensor, Tensor>(pictures, {
    batchSampler: sharesOf(batches, training, crew),
    collateFn: (samples) => stack(samples),
    generator,
  });
  for (;;) {
    training.order = generator.getState();
    for await (const batch of loader) {
      const shown = batch.to(device);
      const painted = painter.forward(shown);
      const features = vgg.at(painted, [...styleLayers, ...contentLayers]);
      const contents = noGrad(() => vgg.at(shown, contentLayers));
      const styleLoss = sum(
        aims.map((aim, l) => mseLoss(grams(features[l]), aim.expand(shown.shape[0], ...aim.shape))),
      );
      const contentLoss = sum(contents.map((content, l) => mseLoss(features[styleLayers.length + l], content)));
      // where the shares differ, the mean over the processes is the mean over the pictures all the same
      const part = (shown.shape[0] * crew.size) / batchSize;
      const terms = {
        style: styleLoss.mul(options.styleWeight * part),
        content: contentLoss.mul(options.contentWeight * part),
        tv: totalVariation(painted).mul(options.tvWeight * part),
      };
      optimizer.zeroGrad();
      sum(Object.values(terms)).backward();
      optimizer.step();
      const [s, c, t] = crew.mean((await stack(Object.values(terms)).detach().cpu()).tolist() as number[]);
      const step = ++training.step;
      training.inRound++;
      if (!Number.isFinite(s + c + t)) {
        throw new UsageError(`the loss is no longer a number at step ${step}: try a smaller --lr or --style-weight`);
      }
      if (!(await report(step, { style: s, content: c, tv: t })) || step === steps) return;
    }
    training.inRound = 0;
  }
}
