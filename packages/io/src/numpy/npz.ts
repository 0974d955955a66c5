import { ArgumentError, isTensor, type Tensor } from "@kindling/autograd";
import { entryPlace, FormatError } from "../errors.js";
import { namedValues, type Tensors, wellFormed } from "../safetensors/write.js";
import type { ByteSource } from "../source/bytes.js";
import { readDirectory, type ZipEntry } from "../zip/directory.js";
import { contentOf } from "../zip/entry.js";
import { joined, zipped } from "../zip/write.js";
import { readNpy, serializeNpy } from "./npy.js";

/**
 * All arrays of an `.npz` file by name, in an object without a prototype.
 * @throws FormatError as `readNpy` does, and for entries that are no arrays
 */
export async function readNpz(
  source: ByteSource,
  entries?: ReadonlyMap<string, ZipEntry>,
): Promise<Record<string, Tensor>> {
  const arrays: Record<string, Tensor> = Object.create(null);
  for (const entry of (entries ?? (await readDirectory(source))).values()) {
    if (!entry.name.endsWith(".npy"))
      throw new FormatError(source.name, entryPlace(entry.name), "not an .npy file, of which an .npz file is made");
    arrays[entry.name.slice(0, -".npy".length)] = await readNpy(await contentOf(source, entry));
  }
  return arrays;
}

/**
 * The bytes of an `.npz` file, as `numpy.savez` writes them.
 * @throws ArgumentError for values that are no tensors
 * @throws DTypeError, DeviceError as `serializeNpy` does
 */
export const serializeNpz = (tensors: Tensors): Uint8Array<ArrayBuffer> => joined(npzParts(tensors));

/** The same in pieces. */
export function npzParts(tensors: Tensors): Uint8Array[] {
  const files = namedValues(tensors, ".npz").map(([name, value]) => {
    if (!isTensor(value))
      throw new ArgumentError(`.npz holds tensors only, but "${name}" is a ${value === null ? "null" : typeof value}`, {
        tensor: name,
      });
    return { name: `${wellFormed(name)}.npy`, content: serializeNpy(value) };
  });
  return zipped(files);
}
