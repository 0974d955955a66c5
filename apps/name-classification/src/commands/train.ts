import type { TrainOptions } from "../args.js";

export async function train(_options: TrainOptions): Promise<void> {
  throw new Error("train: not built yet");
}
