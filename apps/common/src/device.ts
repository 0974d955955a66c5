import { UsageError } from "./errors.js";

/**
 * Opens the device that `--device` names.
 * @throws UsageError where there is none
 */
export async function openDevice(device: string): Promise<void> {
  const { init, KindlingError } = await import("kindling"); // only now: `--help` needs none of it
  try {
    await init(device);
  } catch (error) {
    throw error instanceof KindlingError ? new UsageError(`--device: ${error.message}`) : error;
  }
}
