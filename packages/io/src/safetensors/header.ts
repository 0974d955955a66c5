import type { DType } from "@kindling/autograd";
import { dtypeInfo } from "@kindling/autograd";
import { FormatError, quoted, shown } from "../errors.js";
import { repeatedKey } from "../json-keys.js";

/*
 * safetensors (https://huggingface.co/docs/safetensors): 8 bytes header length, little-endian; a JSON header that gives each
 * tensor's dtype, shape and place; the tensors' bytes, row-major, without gaps.
 */

/** The format's names of our dtypes, in the order in which its own library lays tensors out: wide elements first, so that all are aligned. */
export const codes: Readonly<Record<DType, string>> = {
  int64: "I64",
  float64: "F64",
  float32: "F32",
  int32: "I32",
  bfloat16: "BF16",
  float16: "F16",
  int16: "I16",
  int8: "I8",
  uint8: "U8",
  bool: "BOOL",
};
const dtypeOfCode = new Map(Object.entries(codes).map(([dtype, code]) => [code, dtype as DType]));

/** Bits of an element of what else the format knows: such tensors may stand beside those that are read. */
const foreignBits: Readonly<Record<string, number>> = {
  U64: 64,
  C64: 64,
  U32: 32,
  U16: 16,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F4: 4,
};

/** The header's key that is no tensor. */
export const METADATA = "__metadata__";
/** As the format's own library limits it. */
const MAX_HEADER = 100_000_000;

/** Where a tensor lies, in bytes behind the header. */
export interface Place {
  readonly name: string;
  /** The format's name of the dtype. */
  readonly code: string;
  /** Ours; `null` where there is none. */
  readonly dtype: DType | null;
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}

export interface Header {
  readonly places: readonly Place[];
  readonly metadata: Record<string, string>;
  /** Where the tensors' bytes begin. */
  readonly start: number;
}

/**
 * The length of the header, from the first bytes of a file.
 * @param size bytes of the file
 */
export function headerLength(first: Uint8Array, size: number, file: string): number {
  if (first.length < 8)
    throw new FormatError(file, "byte 0", `a safetensors file has at least 8 bytes, this one ${first.length}`);
  const length = new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true);
  if (length > MAX_HEADER) {
    throw new FormatError(
      file,
      "byte 0",
      `a header of ${length} bytes, where at most ${MAX_HEADER} are allowed: not a safetensors file?`,
    );
  }
  if (8 + Number(length) > size) {
    throw new FormatError(
      file,
      "byte 0",
      `the header should have ${length} bytes, but the file ends after ${size - 8}`,
    );
  }
  return Number(length);
}

/**
 * Reads and checks the header.
 * @param bytes the header alone, behind its length
 * @param size bytes of the file
 */
export function readHeader(bytes: Uint8Array, size: number, file: string): Header {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (error) {
    throw new FormatError(file, "header", `not JSON in UTF-8: ${(error as Error).message}`);
  }
  if (!isRecord(header)) throw new FormatError(file, "header", "not a JSON object");
  const repeated = repeatedKey(text);
  if (repeated !== null) throw new FormatError(file, "header", `has the key ${quoted(repeated)} twice`);
  const metadata: Record<string, string> = Object.create(null);
  const places: Place[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === METADATA) Object.assign(metadata, readMetadata(entry, file));
    else places.push(readPlace(name, entry, file));
  }
  const start = 8 + bytes.length;
  checkPlaces(places, size - start, file);
  return { places, metadata, start };
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function readMetadata(entry: unknown, file: string): Record<string, string> {
  if (!isRecord(entry) || Object.values(entry).some((v) => typeof v !== "string")) {
    throw new FormatError(file, `header "${METADATA}"`, "not an object of strings");
  }
  return entry as Record<string, string>;
}

/** Dimensions of a tensor. */
const MOST_DIMENSIONS = 64;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Where errors say that a tensor is broken. */
export const placeOf = (name: string): string => `tensor ${quoted(name)}`;

function readPlace(name: string, entry: unknown, file: string): Place {
  const refuse = (problem: string): never => {
    throw new FormatError(file, placeOf(name), problem);
  };
  if (!isRecord(entry)) return refuse("its header entry is not an object");
  const { dtype: code, shape, data_offsets: offsets } = entry;
  const dtype = dtypeOfCode.get(code as string) ?? null;
  if (typeof code !== "string" || (dtype === null && !Object.hasOwn(foreignBits, code))) {
    return refuse(unsupported(typeof code === "string" ? JSON.stringify(code) : shown(code)));
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) return refuse("its shape is not an array of whole numbers");
  if (shape.length > MOST_DIMENSIONS) return refuse(`a shape of ${shape.length} dimensions`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    return refuse("its data_offsets are not two whole numbers");
  const [from, to] = offsets as [number, number];
  let bits = dtype === null ? foreignBits[code] : 8 * dtypeInfo[dtype].bytes;
  for (const n of shape) {
    bits *= n;
    if (!Number.isSafeInteger(bits)) return refuse("its shape has more elements than there are numbers");
  }
  if (to - from !== bits / 8)
    return refuse(
      `${code} of shape [${shape.slice(0, 16).join(", ")}${shape.length > 16 ? ", …" : ""}] takes ${bits / 8} bytes, but its data_offsets span ${to - from}`,
    );
  return { name, code, dtype, shape, from, to };
}

/** What is wrong with a dtype that no tensor of ours has. */
export const unsupported = (code: string): string =>
  `dtype ${code.slice(0, 40)} is not supported; supported are ${[...dtypeOfCode.keys()].join(", ")}`;

/** The places must fill the data from end to end. */
function checkPlaces(places: readonly Place[], available: number, file: string): void {
  let end = 0;
  for (const { name, from, to } of [...places].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== end) {
      throw new FormatError(
        file,
        placeOf(name),
        `its data begins at ${from} ${from < end ? "inside another's, which ends" : "behind a gap"} at ${end}`,
      );
    }
    end = to;
  }
  if (end !== available) {
    throw new FormatError(
      file,
      `data byte ${Math.min(end, available)}`,
      `the header tells of ${end} bytes of data, the file has ${available}`,
    );
  }
}
