import {
  ArgumentError,
  bind,
  type DType,
  isOptions,
  isTensor,
  signature,
  type Tensor,
  tensor,
} from "@kindling/autograd";
import { FormatError } from "./errors.js";
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from "./half.js";
import { repeatedKey } from "./json-keys.js";

/*
 * safetensors (https://huggingface.co/docs/safetensors): 8 bytes header length, little-endian; a JSON header that gives each
 * tensor's dtype, shape and place; the tensors' bytes, row-major, without gaps.
 */

/** Tensors by name, such as a module's `stateDict()`: an object or a `Map`. */
export type Tensors = Readonly<Record<string, Tensor>> | ReadonlyMap<string, Tensor>;

export interface SerializeOptions {
  /** Strings that the header carries beside the tensors. */
  metadata?: Readonly<Record<string, string>>;
}

/** Tensors by name, and the free strings of the header; both objects are without a prototype. */
export interface SafetensorsFile {
  readonly tensors: Record<string, Tensor>;
  readonly metadata: Record<string, string>;
}

interface Kind {
  readonly code: string;
  readonly bytes: number;
  decode(buffer: ArrayBuffer): ArrayBufferView;
  encode(values: ArrayBufferView): ArrayBufferView;
}

const plain = (code: string, bytes: number, View: new (buffer: ArrayBuffer) => ArrayBufferView): Kind => ({
  code,
  bytes,
  decode: (buffer) => new View(buffer),
  encode: (values) => values,
});

/** In the order in which the format's own library lays tensors out: wide elements first, so that all are aligned. */
const kinds: Readonly<Record<DType, Kind>> = {
  int64: plain("I64", 8, BigInt64Array),
  float64: plain("F64", 8, Float64Array),
  float32: plain("F32", 4, Float32Array),
  int32: plain("I32", 4, Int32Array),
  bfloat16: {
    code: "BF16",
    bytes: 2,
    decode: (buffer) => bfloat16ToFloat32(new Uint16Array(buffer)),
    encode: (values) => float32ToBfloat16(values as Float32Array),
  },
  float16: {
    code: "F16",
    bytes: 2,
    decode: (buffer) => float16ToFloat32(new Uint16Array(buffer)),
    encode: (values) => float32ToFloat16(values as Float32Array),
  },
  int16: plain("I16", 2, Int16Array),
  int8: plain("I8", 1, Int8Array),
  uint8: plain("U8", 1, Uint8Array),
  bool: plain("BOOL", 1, Uint8Array),
};
const order = Object.keys(kinds) as DType[];
const dtypeOfCode = new Map(order.map((dtype) => [kinds[dtype].code, dtype]));

/** The header's key that is no tensor. */
const METADATA = "__metadata__";
/** As the format's own library limits it. */
const MAX_HEADER = 100_000_000;
const ALIGNMENT = 8;

/**
 * The bytes of a safetensors file, laid out as the format's own library does. Every tensor is written whole and contiguous:
 * views that share memory do not share it in the file.
 * @throws ArgumentError for values that are no tensors, names and metadata that the format has no place for
 * @throws DeviceError for tensors that cannot be read at once: `await t.cpu()` first
 */
export function serialize(tensors: Tensors, ...options: [options?: SerializeOptions]): Uint8Array<ArrayBuffer> {
  const [metadata] = bind(optionsSignature, options) as [SerializeOptions["metadata"] | null];
  const entries = namedValues(tensors).map(([name, value]) => ({ name, value, key: encodedName(name, value) }));
  entries.sort((a, b) => order.indexOf(a.value.dtype) - order.indexOf(b.value.dtype) || compareBytes(a.key, b.key));
  // Text by text and not from one object, which would put names such as "0" first.
  const fields = metadata === null || metadata === undefined ? [] : [field(METADATA, checkedMetadata(metadata))];
  let end = 0;
  for (const { name, value } of entries) {
    const start = end;
    end += value.numel() * kinds[value.dtype].bytes;
    fields.push(field(name, { dtype: kinds[value.dtype].code, shape: value.shape, data_offsets: [start, end] }));
  }
  const json = encoder.encode(`{${fields.join(",")}}`);
  const headerLength = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(8 + headerLength + end).fill(0x20, 8, 8 + headerLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.set(json, 8);
  let at = 8 + headerLength;
  for (const { value } of entries) {
    const { buffer, byteOffset, byteLength } = kinds[value.dtype].encode(value.toTypedArray());
    file.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return file;
}

const optionsSignature = signature("serialize(*, metadata=null)");

/** The entries of tensors by name. @throws ArgumentError for what has no names */
export function namedValues(tensors: Tensors): [name: string, value: Tensor][] {
  if (tensors instanceof Map) return [...tensors];
  if (isOptions(tensors)) return Object.entries(tensors) as [string, Tensor][];
  throw new ArgumentError("safetensors holds tensors by name: an object or a Map of them is expected");
}

const encoder = new TextEncoder();
const field = (name: string, value: unknown): string => `${JSON.stringify(name)}:${JSON.stringify(value)}`;

/** A tensor's name in UTF-8, by which tensors of a dtype are ordered. */
function encodedName(name: string, value: unknown): Uint8Array {
  if (!isTensor(value)) {
    throw new ArgumentError(
      `safetensors holds tensors only, but "${name}" is a ${value === null ? "null" : typeof value}`,
      { name },
    );
  }
  if (name === METADATA) throw new ArgumentError(`a tensor cannot be named "${METADATA}"`, { name });
  return encoder.encode(wellFormed(name));
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const i = a.findIndex((byte, k) => byte !== b[k]);
  return i < 0 || i >= b.length ? a.length - b.length : a[i] - b[i];
}

function checkedMetadata(metadata: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== "string") {
      throw new ArgumentError(`safetensors metadata holds strings only, but "${key}" is a ${typeof value}`, { key });
    }
    wellFormed(key);
    wellFormed(value);
  }
  return metadata;
}

function wellFormed(text: string): string {
  if (!/\p{Surrogate}/u.test(text)) return text;
  throw new ArgumentError(`${JSON.stringify(text.slice(0, 100))} has half of a character, which UTF-8 cannot hold`);
}

/**
 * Reads the bytes of a safetensors file. `file` names it in errors.
 * @throws FormatError where the bytes are no whole, well-formed safetensors file
 */
export function deserialize(bytes: Uint8Array, file = "safetensors data"): SafetensorsFile {
  const { header, start } = readHeader(bytes, file);
  const tensors: Record<string, Tensor> = Object.create(null);
  const metadata: Record<string, string> = Object.create(null);
  const places: Place[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === METADATA) Object.assign(metadata, readMetadata(entry, file));
    else places.push(readPlace(name, entry, file));
  }
  checkPlaces(places, bytes.length - start, file);
  for (const { name, dtype, shape, from, to } of places) {
    const own = new Uint8Array(bytes.subarray(start + from, start + to)); // a copy: aligned, and free of the file's memory
    const flat = tensor(kinds[dtype].decode(own.buffer), { dtype });
    tensors[name] = flat.reshape(shape).detach(); // a tensor of its own, not a view of the flat one
  }
  return { tensors, metadata };
}

function readHeader(bytes: Uint8Array, file: string): { header: Record<string, unknown>; start: number } {
  if (bytes.length < 8)
    throw new FormatError(file, "byte 0", `a safetensors file has at least 8 bytes, this one ${bytes.length}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > MAX_HEADER) {
    throw new FormatError(
      file,
      "byte 0",
      `a header of ${length} bytes, where at most ${MAX_HEADER} are allowed: not a safetensors file?`,
    );
  }
  const start = 8 + Number(length);
  if (start > bytes.length) {
    throw new FormatError(
      file,
      "byte 0",
      `the header should have ${length} bytes, but the file ends after ${bytes.length - 8}`,
    );
  }
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, start));
    header = JSON.parse(text);
  } catch (error) {
    throw new FormatError(file, "header", `not JSON in UTF-8: ${(error as Error).message}`);
  }
  if (!isRecord(header)) throw new FormatError(file, "header", "not a JSON object");
  const repeated = repeatedKey(text);
  if (repeated !== null) throw new FormatError(file, "header", `has the key "${repeated.slice(0, 100)}" twice`);
  return { header, start };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function readMetadata(entry: unknown, file: string): Record<string, string> {
  if (!isRecord(entry) || Object.values(entry).some((v) => typeof v !== "string")) {
    throw new FormatError(file, `header "${METADATA}"`, "not an object of strings");
  }
  return entry as Record<string, string>;
}

interface Place {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: number[];
  readonly from: number;
  readonly to: number;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function readPlace(name: string, entry: unknown, file: string): Place {
  const refuse = (problem: string): never => {
    throw new FormatError(file, `tensor "${name.slice(0, 100)}"`, problem);
  };
  if (!isRecord(entry)) return refuse("its header entry is not an object");
  const { dtype: code, shape, data_offsets: offsets } = entry;
  const dtype = dtypeOfCode.get(code as string);
  if (dtype === undefined)
    return refuse(
      `dtype ${JSON.stringify(code)?.slice(0, 40)} is not supported; supported are ${[...dtypeOfCode.keys()].join(", ")}`,
    );
  if (!Array.isArray(shape) || !shape.every(isCount)) return refuse("its shape is not an array of whole numbers");
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    return refuse("its data_offsets are not two whole numbers");
  const [from, to] = offsets as [number, number];
  let size = kinds[dtype].bytes;
  for (const n of shape) {
    size *= n;
    if (!Number.isSafeInteger(size)) return refuse("its shape has more elements than there are numbers");
  }
  if (to - from !== size)
    return refuse(
      `${code} of shape [${shape.slice(0, 16).join(", ")}${shape.length > 16 ? ", …" : ""}] takes ${size} bytes, but its data_offsets span ${to - from}`,
    );
  return { name, dtype, shape, from, to };
}

/** The places must fill the data from end to end. */
function checkPlaces(places: readonly Place[], available: number, file: string): void {
  let end = 0;
  for (const { name, from, to } of [...places].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== end) {
      throw new FormatError(
        file,
        `tensor "${name.slice(0, 100)}"`,
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
