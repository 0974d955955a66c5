import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isSystemError, reasonOf, UsageError } from "app-common";
import { Generator, io, isTensor, KindlingError, manualSeed, type optim, randperm, type Tensor } from "kindling";
import type { TrainOptions } from "./args.js";
import { type NameData, type Split, splitSamples } from "./dataset.js";
import { createModel, type NameClassifier } from "./model.js";
import { createOptimizer, type LossPoint, type Position } from "./training.js";

/** The settings that a run keeps: those that decide its result. */
export type Settings = Omit<TrainOptions, "out" | "resume" | "overwrite" | "given" | "device" | "distributed">;

/** Everything about a run besides its tensors. */
export interface RunRecord {
  settings: Settings;
  languages: string[];
  /** Fingerprint of the names that the run is trained on. */
  dataSha256: string;
  position: Position;
  losses: LossPoint[];
  /** Accuracy on the test side after each epoch. */
  accuracies: LossPoint[];
}

export interface Run {
  record: RunRecord;
  model: NameClassifier;
  optimizer: optim.Optimizer;
}

const FORMAT = "kindling name-classification 1";
const checkpointOf = (folder: string): string => join(folder, "checkpoint.safetensors");

/** Whether the folder holds a run already. */
export const holdsRun = (folder: string): boolean => existsSync(checkpointOf(folder));

export const fingerprint = ({ languages, samples }: NameData): string =>
  createHash("sha256")
    .update(languages.join("\n"))
    .update(samples.map((sample) => `${sample.language} ${sample.text}`).join("\n"))
    .digest("hex");

/** The two sides of the data, as the seed divides them. */
export const sidesOf = (data: NameData, { split, seed }: Pick<Settings, "split" | "seed">): Split =>
  splitSamples(
    data.samples,
    split,
    (n) => randperm(n, { generator: new Generator().manualSeed(seed) }).toTypedArray() as Int32Array,
  );

/** A new run: weights drawn by the seed, nothing learnt. */
export function newRun(settings: Settings, data: NameData, device: string): Run {
  manualSeed(settings.seed);
  const model = newModel(data.languages.length, settings).to(device);
  const record: RunRecord = {
    settings,
    languages: data.languages,
    dataSha256: fingerprint(data),
    position: { epoch: 0, names: 0 },
    losses: [],
    accuracies: [],
  };
  return { record, model, optimizer: createOptimizer(model, settings) };
}

function newModel(languages: number, settings: Settings): NameClassifier {
  try {
    return createModel(languages, settings);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const { hidden, layers } = settings;
    throw new UsageError(`--hidden ${hidden} with --layers ${layers} needs more memory than there is`);
  }
}

/** Writes the checkpoint; the one before stays whole until the new one is complete. */
export async function saveRun(folder: string, { record, model, optimizer }: Run): Promise<void> {
  const tensors: Record<string, Tensor> = {};
  for (const [name, value] of Object.entries(model.stateDict())) tensors[`model.${name}`] = await value.cpu();
  const { state, param_groups } = optimizer.stateDict();
  for (const [index, fields] of state) {
    for (const [name, value] of Object.entries(fields)) {
      if (isTensor(value)) tensors[`optimizer.${index}.${name}`] = await value.cpu();
    }
  }
  await io.saveSafetensors(tensors, checkpointOf(folder), {
    metadata: {
      format: FORMAT,
      run: JSON.stringify(record),
      groups: JSON.stringify(param_groups),
    },
  });
}

/**
 * Reads a run's checkpoint.
 * @throws UsageError where there is none, or one of another program or model
 */
export async function loadRun(folder: string, device = "cpu"): Promise<Run> {
  const path = checkpointOf(folder);
  if (!existsSync(path)) {
    throw new UsageError(
      `${folder} holds no run: there is no ${path}. \`npm run names -- train --out ${folder}\` makes one`,
    );
  }
  try {
    const { tensors, metadata } = await io.loadSafetensors(path);
    if (metadata.format !== FORMAT) {
      throw new UsageError(
        `${path} is no checkpoint of this program: ${metadata.format ?? "it does not say whose it is"}`,
      );
    }
    return restore(recordOf(metadata.run), JSON.parse(metadata.groups), tensors, device);
  } catch (error) {
    if (isSystemError(error)) throw new UsageError(`cannot read ${path}: ${reasonOf(error)}`);
    if (error instanceof KindlingError || error instanceof SyntaxError) {
      throw new UsageError(`cannot use the checkpoint ${path}: ${error.message.replace(`${path}, `, "")}`);
    }
    throw error;
  }
}

/** The record in a checkpoint's metadata. */
function recordOf(json: string): RunRecord {
  const record = JSON.parse(json);
  const parts = ["settings", "languages", "dataSha256", "position", "losses", "accuracies"];
  const missing = parts.filter((part) => record?.[part] === undefined);
  if (missing.length > 0) throw new SyntaxError(`its description lacks ${missing.join(", ")}`);
  return record;
}

function restore(
  record: RunRecord,
  groups: Record<string, unknown>[],
  tensors: Record<string, Tensor>,
  device: string,
): Run {
  const model = createModel(record.languages.length, record.settings);
  const weights: Record<string, Tensor> = {};
  const state = new Map<number, Record<string, unknown>>();
  for (const [name, value] of Object.entries(tensors)) {
    const [owner, ...path] = name.split(".");
    if (owner === "model") weights[path.join(".")] = value;
    else {
      const index = Number(path[0]);
      state.set(index, { ...state.get(index), [path[1]]: value });
    }
  }
  model.loadStateDict(weights);
  const optimizer = createOptimizer(model.to(device), record.settings);
  optimizer.loadStateDict({ state, param_groups: groups });
  return { record, model, optimizer };
}
