import type { InspectOptions } from "../args.js";

export async function inspect(_options: InspectOptions): Promise<void> {
  throw new Error("inspect: not built yet");
}
