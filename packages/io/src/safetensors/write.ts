import { ArgumentError, bind, type DType, isOptions, isTensor, signature, type Tensor } from "@kindling/autograd";
import { encode } from "../elements.js";
import { codes, METADATA } from "./header.js";

/** Tensors by name, such as a module's `stateDict()`: an object or a `Map`. */
export type Tensors = Readonly<Record<string, Tensor>> | ReadonlyMap<string, Tensor>;

export interface SerializeOptions {
  /** Strings that the header carries beside the tensors. */
  metadata?: Readonly<Record<string, string>>;
}

const order = Object.keys(codes) as DType[];
const ALIGNMENT = 8;

/**
 * The bytes of a safetensors file, laid out as the format's own library does. Every tensor is written whole and contiguous:
 * views that share memory do not share it in the file.
 * @throws ArgumentError for values that are no tensors, names and metadata that the format has no place for
 * @throws DeviceError for tensors that cannot be read at once: `await t.cpu()` first
 */
export function serialize(tensors: Tensors, ...options: [options?: SerializeOptions]): Uint8Array<ArrayBuffer> {
  const [metadata] = bind(optionsSignature, options) as [SerializeOptions["metadata"] | null];
  const entries = namedValues(tensors, "safetensors").map(([name, value]) => ({
    name,
    value,
    key: encodedName(name, value),
  }));
  entries.sort((a, b) => order.indexOf(a.value.dtype) - order.indexOf(b.value.dtype) || compareBytes(a.key, b.key));
  // Text by text and not from one object, which would put names such as "0" first.
  const fields = metadata === null || metadata === undefined ? [] : [field(METADATA, checkedMetadata(metadata))];
  let end = 0;
  for (const { name, value } of entries) {
    const start = end;
    end += value.nbytes;
    fields.push(field(name, { dtype: codes[value.dtype], shape: value.shape, data_offsets: [start, end] }));
  }
  const json = encoder.encode(`{${fields.join(",")}}`);
  const headerLength = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(8 + headerLength + end).fill(0x20, 8, 8 + headerLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.set(json, 8);
  let at = 8 + headerLength;
  for (const { value } of entries) {
    file.set(encode(value.dtype, value.toTypedArray()), at);
    at += value.nbytes;
  }
  return file;
}

const optionsSignature = signature("serialize(*, metadata=null)");

/** The entries of tensors by name. @throws ArgumentError for what has no names */
export function namedValues(tensors: unknown, format: string): [name: string, value: Tensor][] {
  if (tensors instanceof Map) return [...tensors];
  if (isOptions(tensors)) return Object.entries(tensors) as [string, Tensor][];
  throw new ArgumentError(`${format} holds tensors by name: an object or a Map of them is expected`);
}

const encoder = new TextEncoder();
const field = (name: string, value: unknown): string => `${JSON.stringify(name)}:${JSON.stringify(value)}`;

/** A tensor's name in UTF-8, by which tensors of a dtype are ordered. */
function encodedName(name: string, value: unknown): Uint8Array {
  if (!isTensor(value)) {
    throw new ArgumentError(
      `safetensors holds tensors only, but "${name}" is a ${value === null ? "null" : typeof value}`,
      { tensor: name },
    );
  }
  if (name === METADATA) throw new ArgumentError(`a tensor cannot be named "${METADATA}"`, { tensor: name });
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

/** Refuses text that UTF-8 cannot hold. */
export function wellFormed(text: string): string {
  if (!/\p{Surrogate}/u.test(text)) return text;
  throw new ArgumentError(`${JSON.stringify(text.slice(0, 100))} has half of a character, which UTF-8 cannot hold`);
}
