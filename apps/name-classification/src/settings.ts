import type { SplitName } from "./dataset.js";

/** "classic" is the tutorial's first model (one name at a time), "batched" its newer one. */
export type ModelName = "classic" | "batched";
export type CellName = "rnn" | "lstm" | "gru";
export type OptimizerName = "sgd" | "adam";
/** How the learning rate goes over the run: it stays, or falls linearly towards 0 at the end. */
export type Decay = "linear" | "none";
/** Against the imbalance of languages: nothing, or a loss weighted by inverse frequency. */
export type Balance = "none" | "weights";

/** What decides a run's result, and what a run keeps. */
export interface Settings {
  /** Folder of names; the bundled ones where absent. */
  data?: string;
  split: SplitName;
  model: ModelName;
  cell: CellName;
  hidden: number;
  layers: number;
  epochs: number;
  batch: number;
  optimizer: OptimizerName;
  lr: number;
  decay: Decay;
  balance: Balance;
  seed: number;
}

/** The settings of a run that nobody said anything about. */
export const DEFAULTS = {
  split: "default",
  model: "batched",
  cell: "gru",
  hidden: 128,
  layers: 1,
  epochs: 10,
  batch: 64,
  optimizer: "adam",
  lr: 0.006,
  decay: "linear",
  balance: "none",
  seed: 2024,
} as const satisfies Settings;

/** The learning rate that suits a model and its optimizer. */
export function defaultRate({ model, cell, optimizer }: Pick<Settings, "model" | "cell" | "optimizer">): number {
  if (model === "classic") return 0.005;
  if (optimizer === "sgd") return 0.15;
  return cell === "rnn" ? 0.003 : DEFAULTS.lr;
}
