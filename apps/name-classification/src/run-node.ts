import { existsSync } from "node:fs";
import { join } from "node:path";
import { isSystemError, reasonOf, UsageError } from "app-common";
import { io } from "kindling";
import { checkpointOf, type Run, readRun } from "./run.js";

const fileOf = (folder: string): string => join(folder, "checkpoint.safetensors");

/** Whether the folder holds a run already. */
export const holdsRun = (folder: string): boolean => existsSync(fileOf(folder));

/** Writes the checkpoint; the one before stays whole until the new one is complete. */
export async function saveRun(folder: string, run: Run): Promise<void> {
  const { tensors, metadata } = await checkpointOf(run);
  await io.saveSafetensors(tensors, fileOf(folder), { metadata });
}

/**
 * Reads a run's checkpoint.
 * @throws UsageError where there is none, or one of another program or model
 */
export async function loadRun(folder: string, device = "cpu"): Promise<Run> {
  const path = fileOf(folder);
  if (!existsSync(path)) {
    throw new UsageError(
      `${folder} holds no run: there is no ${path}. \`npm run names -- train --out ${folder}\` makes one`,
    );
  }
  try {
    return await readRun(path, path, device);
  } catch (error) {
    throw isSystemError(error) ? new UsageError(`cannot read ${path}: ${reasonOf(error)}`) : error;
  }
}
