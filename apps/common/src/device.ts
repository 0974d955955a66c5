import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { UsageError } from "./errors.js";

/** The devices that packages have added, by what `--device` called the package. */
const added = new Map<string, string>();

/**
 * Opens the device that `--device` names: one that Kindling has, or the package or file of another backend, which adds its device when it
 * is imported.
 * @returns the device's name
 * @throws UsageError where there is none
 */
export async function openDevice(device: string): Promise<string> {
  const { deviceNames, init, KindlingError } = await import("kindling"); // only now: `--help` needs none of it
  const name = deviceNames().includes(device) ? device : (added.get(device) ?? (await add(device, deviceNames)));
  try {
    await init(name);
  } catch (error) {
    throw error instanceof KindlingError ? new UsageError(`--device: ${error.message}`) : error;
  }
  return name;
}

/** Imports a package or a file, as seen from the current folder, and gives the name of the device that it adds. */
async function add(module: string, deviceNames: () => string[]): Promise<string> {
  const before = new Set(deviceNames());
  let file: string;
  try {
    file = createRequire(join(process.cwd(), "here")).resolve(module);
  } catch {
    const known = [...before].map((name) => `'${name}'`).join(", ");
    throw new UsageError(
      `--device: there is no device '${module}' (there are ${known}), and no package or file of that name that could add one`,
    );
  }
  await import(/* @vite-ignore */ pathToFileURL(file).href);
  const name = deviceNames().find((name) => !before.has(name));
  if (name === undefined) throw new UsageError(`--device: '${module}' adds no device: it must call registerBackend`);
  added.set(module, name);
  return name;
}
