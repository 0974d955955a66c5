import type { PredictOptions } from "../args.js";

export async function predict(_options: PredictOptions): Promise<void> {
  throw new Error("predict: not built yet");
}
