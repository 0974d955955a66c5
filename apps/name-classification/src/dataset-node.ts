import { Buffer, isUtf8 } from "node:buffer";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { reasonOf, UsageError } from "app-common";
import { type NameData, parseNames } from "./dataset.js";

/** The names that come with the application: 18 languages. */
export const bundledData = fileURLToPath(new URL("../data", import.meta.url));

/**
 * Reads a folder of `LANGUAGE.txt` files, UTF-8, one name a line; blank lines are skipped.
 * @throws UsageError for a folder or file that no classifier can be trained on, naming the file and the line or byte.
 */
export function readNames(folder: string = bundledData): NameData {
  const languages = languagesIn(folder);
  const samples = languages.flatMap((name, language) => {
    const path = join(folder, `${name}.txt`);
    return parseNames(readUtf8(path), language, path);
  });
  if (languages.length === 1) {
    throw new UsageError(
      `${folder} has one language only (${languages[0]}.txt): telling names apart needs at least two`,
    );
  }
  return { languages, samples };
}

function languagesIn(folder: string): string[] {
  try {
    const files = readdirSync(folder).filter((file) => file.endsWith(".txt") && !file.startsWith("."));
    if (files.length > 0) return files.map((file) => basename(file, ".txt")).sort();
  } catch (error) {
    throw new UsageError(`cannot read the data folder ${folder}: ${reasonOf(error)}`);
  }
  throw new UsageError(`${folder} has no .txt files: it needs one LANGUAGE.txt for each language, one name a line`);
}

function readUtf8(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${reasonOf(error)}`);
  }
  const text = bytes.toString("utf8");
  if (!isUtf8(bytes)) {
    // Decoding replaced the broken bytes, so that encoding again differs from the file where they begin.
    const again = Buffer.from(text);
    const offset = bytes.findIndex((byte, index) => byte !== again[index]);
    const line = bytes
      .subarray(0, offset)
      .toString("latin1")
      .split(/\r\n|\r|\n/).length;
    throw new UsageError(`${path} is not UTF-8: broken at byte ${offset} (line ${line}); save the file as UTF-8`);
  }
  return text.replace(/^\uFEFF/, "");
}
