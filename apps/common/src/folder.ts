import { accessSync, constants, mkdirSync } from "node:fs";
import { reasonOf, UsageError } from "./errors.js";

/**
 * Makes the folder that a run will write to: better now than to learn after the work that nothing can be written there.
 * @throws UsageError if it cannot be written to
 */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new UsageError(`cannot write to the folder ${folder}: ${reasonOf(error)}`);
  }
}
