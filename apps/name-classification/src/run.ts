import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { UsageError } from "app-common/errors";
import { packOptimizer, tensorsOf, unpackOptimizer } from "app-common/optimizer-state";
import { Generator, io, KindlingError, manualSeed, type optim, randperm, type Tensor } from "kindling";
import { type NameData, type Split, splitSamples } from "./dataset.js";
import { createModel, type NameClassifier } from "./model.js";
import type { Settings } from "./settings.js";
import { createOptimizer, type LossPoint, type Position } from "./training.js";

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

/** SHA-256 of the names as the network reads them. */
export const fingerprint = ({ languages, samples }: NameData): string =>
  bytesToHex(
    sha256(utf8ToBytes(languages.join("\n") + samples.map((sample) => `${sample.language} ${sample.text}`).join("\n"))),
  );

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

/** What a checkpoint is: tensors and strings of a safetensors file. */
export interface Checkpoint {
  tensors: Record<string, Tensor>;
  metadata: Record<string, string>;
}

/** The checkpoint of a run as it stands; its tensors are on the `cpu`. */
export async function checkpointOf({ record, model, optimizer }: Run): Promise<Checkpoint> {
  const { tensors, groups } = await packOptimizer(optimizer);
  for (const [name, value] of Object.entries(model.stateDict())) tensors[`model.${name}`] = await value.cpu();
  return { tensors, metadata: { format: FORMAT, run: JSON.stringify(record), groups } };
}

/**
 * Reads the run out of a checkpoint's file.
 * @param name the file, for errors
 * @throws UsageError for a file of something else, or of another model
 */
export async function readRun(source: string | Blob, name: string, device = "cpu"): Promise<Run> {
  try {
    const { tensors, metadata } = await io.loadSafetensors(source);
    if (metadata.format !== FORMAT) {
      throw new UsageError(
        `${name} is no checkpoint of this program: ${metadata.format ?? "it does not say whose it is"}`,
      );
    }
    return restore(recordOf(metadata.run), metadata.groups, tensors, device);
  } catch (error) {
    if (error instanceof KindlingError || error instanceof SyntaxError || error instanceof RangeError) {
      throw new UsageError(`cannot use the checkpoint ${name}: ${error.message.replace(`${name}, `, "")}`);
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
  const { model, cell } = record.settings;
  if (!["batched", "classic"].includes(model) || !["rnn", "lstm", "gru"].includes(cell)) {
    throw new SyntaxError(`it is of a model that this program does not know (${model}, ${cell})`);
  }
  return record;
}

function restore(record: RunRecord, groups: string, tensors: Record<string, Tensor>, device: string): Run {
  const model = createModel(record.languages.length, record.settings);
  model.loadStateDict(tensorsOf("model.", tensors));
  const optimizer = createOptimizer(model.to(device), record.settings);
  unpackOptimizer(optimizer, tensors, groups);
  return { record, model, optimizer };
}
