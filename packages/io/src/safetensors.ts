import { ArgumentError, type DType, isTensor, type Tensor, tensor } from "@kindling/autograd";
import { FormatError } from "./errors.js";
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from "./half.js";

/*
 * safetensors (https://huggingface.co/docs/safetensors): 8 bytes header length, little-endian; a JSON header that gives each
 * tensor's dtype, shape and place; the tensors' bytes, row-major, without gaps.
 */

/** Tensors by name, and the free strings of the header. */
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
 * The bytes of a safetensors file. Every tensor is written whole and contiguous: views that share memory do not share it in the file.
 * @throws ArgumentError for values that are no tensors, names and metadata that the format has no place for
 */
export function serialize(
  tensors: Readonly<Record<string, Tensor>>,
  options: { metadata?: Record<string, string> } = {},
): Uint8Array {
  const entries = Object.entries(tensors);
  for (const [name, value] of entries) {
    if (!isTensor(value))
      throw new ArgumentError(`safetensors holds tensors only, but "${name}" is a ${typeof value}`, { name });
    if (name === METADATA) throw new ArgumentError(`a tensor cannot be named "${METADATA}"`, { name });
  }
  entries.sort(([a, x], [b, y]) => order.indexOf(x.dtype) - order.indexOf(y.dtype) || (a < b ? -1 : 1));
  const header: Record<string, unknown> = Object.create(null);
  if (options.metadata) header[METADATA] = checkedMetadata(options.metadata);
  let end = 0;
  for (const [name, { dtype, shape }] of entries) {
    const start = end;
    end += shape.reduce((n, size) => n * size, 1) * kinds[dtype].bytes;
    header[name] = { dtype: kinds[dtype].code, shape, data_offsets: [start, end] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(8 + headerLength + end).fill(0x20, 8, 8 + headerLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.set(json, 8);
  let at = 8 + headerLength;
  for (const [, value] of entries) {
    const { buffer, byteOffset, byteLength } = kinds[value.dtype].encode(value.toTypedArray());
    file.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return file;
}

function checkedMetadata(metadata: Record<string, string>): Record<string, string> {
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== "string") {
      throw new ArgumentError(`safetensors metadata holds strings only, but "${key}" is a ${typeof value}`, { key });
    }
  }
  return metadata;
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
    tensors[name] = flat.reshape(shape);
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
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, start)));
  } catch (error) {
    throw new FormatError(file, "header", `not JSON in UTF-8: ${(error as Error).message}`);
  }
  if (!isRecord(header)) throw new FormatError(file, "header", "not a JSON object");
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
  const size = shape.reduce((n: number, d: number) => n * d, 1) * kinds[dtype].bytes;
  if (to - from !== size)
    return refuse(`${code} of shape [${shape.join(", ")}] takes ${size} bytes, but its data_offsets span ${to - from}`);
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
