import type { EvaluateOptions } from "../args.js";

export async function evaluate(_options: EvaluateOptions): Promise<void> {
  throw new Error("evaluate: not built yet");
}
