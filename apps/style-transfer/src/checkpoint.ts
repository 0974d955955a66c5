import { existsSync } from "node:fs";
import { isSystemError, reasonOf, UsageError } from "app-common";
import { packOptimizer, tensorsOf, unpackOptimizer } from "app-common/optimizer-state";
import { Generator, io, KindlingError } from "kindling";
import type { TrainOptions } from "./args.js";
import { startTraining, type Training } from "./training.js";
import { TransformNet } from "./transform-net.js";

const FORMAT = "kindling style-transfer 1";
const TRAINING = "kindling style-transfer training 1";

/** Writes a painter's weights, and what it takes to build it; at every moment the file is the old one or the new one, whole. */
export const saveNet = (path: string, net: TransformNet, width: number): Promise<void> =>
  io.saveSafetensors(net.stateDict(), path, { metadata: { format: FORMAT, width: String(width) } });

/**
 * Reads what `saveNet` wrote.
 * @throws UsageError for what it did not write
 */
export async function loadNet(path: string): Promise<TransformNet> {
  try {
    const { tensors, metadata } = await io.loadSafetensors(path);
    if (metadata.format !== FORMAT) {
      throw new UsageError(`${path} is no model of this program: ${metadata.format ?? "it does not say whose it is"}`);
    }
    const net = new TransformNet(Number(metadata.width));
    net.loadStateDict(tensors);
    return net;
  } catch (error) {
    throw understood(error, path, "model");
  }
}

/** An error of reading as one of the user's, if it is one. */
function understood(error: unknown, path: string, kind: string): unknown {
  if (isSystemError(error)) return new UsageError(`cannot read ${path}: ${reasonOf(error)}`);
  if (error instanceof KindlingError || error instanceof SyntaxError || error instanceof RangeError) {
    return new UsageError(`cannot use the ${kind} ${path}: ${error.message}`);
  }
  return error;
}

/** What of a training's options its checkpoint keeps. */
export const KEPT = [
  "size",
  "steps",
  "batch",
  "lr",
  "width",
  "seed",
  "styleWeight",
  "contentWeight",
  "tvWeight",
  "styleLayers",
  "contentLayers",
  "data",
  "style",
  "weights",
  "download",
  "saveEvery",
] as const satisfies readonly (keyof TrainOptions)[];

export type Settings = Pick<TrainOptions, (typeof KEPT)[number]>;

/** A training, what was asked of it, and fingerprints of what it learns from. */
export interface SavedTraining {
  training: Training;
  settings: Settings;
  pictures: string;
  style: string;
}

/** Where the training of a net goes on from: a file beside the net's. */
export const trainingFile = (out: string): string => out.replace(/\.safetensors$/, ".training.safetensors");

/** Writes a training beside its net; at every moment the file is the old one or the new one, whole. */
export async function saveTraining(out: string, { training, settings, pictures, style }: SavedTraining): Promise<void> {
  const { net, optimizer, step, inRound, order } = training;
  const { tensors, groups } = await packOptimizer(optimizer);
  for (const [name, value] of Object.entries(net.stateDict())) tensors[`net.${name}`] = await value.cpu();
  const place = { step, inRound, order: Buffer.from(order).toString("base64") };
  await io.saveSafetensors(tensors, trainingFile(out), {
    metadata: {
      format: TRAINING,
      place: JSON.stringify(place),
      settings: JSON.stringify(settings),
      groups,
      pictures,
      style,
    },
  });
}

/**
 * Reads what `saveTraining` wrote.
 * @throws UsageError for what it did not write
 */
export async function loadTraining(out: string, device: string): Promise<SavedTraining> {
  const path = trainingFile(out);
  if (!existsSync(path)) {
    throw new UsageError(`--resume: there is no ${path}, which a training with --out ${out} writes`);
  }
  try {
    const { tensors, metadata } = await io.loadSafetensors(path);
    if (metadata.format !== TRAINING) {
      throw new UsageError(
        `${path} is no training of this program: ${metadata.format ?? "it does not say whose it is"}`,
      );
    }
    const settings: Settings = JSON.parse(metadata.settings);
    const { step, inRound, order } = JSON.parse(metadata.place);
    if (![settings.width, settings.seed, settings.steps, step, inRound].every(Number.isInteger)) {
      throw new SyntaxError("it does not say how the net is built, or where the training stands");
    }
    const net = new TransformNet(settings.width);
    net.loadStateDict(tensorsOf("net.", tensors));
    const training = startTraining(net.to(device), settings);
    unpackOptimizer(training.optimizer, tensors, metadata.groups);
    const generator = new Generator().setState(new Uint8Array(Buffer.from(String(order), "base64")));
    return {
      training: { ...training, step, inRound, order: generator.getState() },
      settings,
      pictures: metadata.pictures,
      style: metadata.style,
    };
  } catch (error) {
    throw understood(error, path, "training");
  }
}
