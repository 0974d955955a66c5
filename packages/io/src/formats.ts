import { FormatError } from "./errors.js";
import type { ByteSource } from "./source/bytes.js";
import { extensionOf } from "./source/open.js";

/** What a file is. `zip` is PyTorch's or NumPy's: its entries tell. */
export type Format = "safetensors" | "index" | "zip" | "legacy" | "npy";

/** Bytes that tell a format. */
const HEAD = 512;

const byExtension: Readonly<Record<string, Format>> = {
  ".safetensors": "safetensors",
  ".json": "index",
  ".npy": "npy",
  ".npz": "zip",
};

/** What people take for a file of tensors, by its first characters. */
const others: readonly (readonly [begin: string, what: string])[] = [
  ["version https://git-lfs", "a pointer of git-lfs to the file, not the file itself: `git lfs pull` fetches it"],
  ["<", "a web page, or something else with tags, and no tensors"],
  ["\x89HDF", "an HDF5 file"],
  ["\x1f\x8b", "compressed by gzip: unpack it first"],
  ["GGUF", "a GGUF file"],
];

/**
 * The format of a source by its content, or, where that tells nothing, by the extension of its name.
 * @throws FormatError for what is none that is read here
 */
export async function formatOf(source: ByteSource): Promise<Format> {
  const head = await source.read(0, Math.min(HEAD, source.size));
  const text = String.fromCharCode(...head);
  // first, as the length of a header may look like anything
  if (text.startsWith("\0\0\0\0{", 4)) return "safetensors";
  if (text.startsWith("PK\x03\x04") || text.startsWith("PK\x05\x06")) return "zip";
  if (text.startsWith("\x93NUMPY")) return "npy";
  const named = byExtension[extensionOf(source.name)];
  if (named !== undefined && source.size > 0) return named;
  if (text.startsWith("\x80")) return "legacy";
  if (text.trimStart().startsWith("{")) return "index";
  const other = others.find(([begin]) => text.trimStart().startsWith(begin));
  throw new FormatError(
    source.name,
    "byte 0",
    source.size === 0
      ? "the file is empty"
      : other !== undefined
        ? other[1]
        : text.slice(257, 262) === "ustar"
          ? "a tar archive, as PyTorch wrote before version 0.1.10: load it there and save it again"
          : "neither safetensors, nor a file of PyTorch, nor .npy or .npz",
  );
}
