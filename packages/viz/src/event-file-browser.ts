import { KindlingError } from "@kindling/autograd";
import type { EventFile } from "./tensorboard/summary-writer.js";

export const defaultFolder = (): string => "runs";

/** @throws KindlingError pages write no files */
export function openEventFile(_folder: string): EventFile {
  throw new KindlingError("SummaryWriter writes files, which a page cannot: draw with curveChart there");
}
