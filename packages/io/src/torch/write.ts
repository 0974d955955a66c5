import { ArgumentError, type DType, isOptions, isTensor, type Tensor } from "@kindling/autograd";
import { encode } from "../elements.js";
import { PickleWriter } from "../pickle/writer.js";
import { wellFormed } from "../safetensors/write.js";
import { joined, type Packed, zipped } from "../zip/write.js";

/*
 * The zip format of torch.save, as PyTorch 1.6 and later read it: `archive/data.pkl`, `archive/byteorder`, a storage in each
 * `archive/data/KEY`, `archive/version`. Contents begin at multiples of 64 bytes, so that they can be mapped into memory.
 */

const FOLDER = "archive";
const ALIGNMENT = 64;
/** Of the format of records, as PyTorch 1.6 to 2.x write it. */
const VERSION = "3\n";
/** Deeper structures are not read again. */
const DEEPEST = 1000;

const EMPTY_LIST = 0x5d;
const EMPTY_DICT = 0x7d;
const MARK = 0x28;
const TUPLE = 0x74;
const APPENDS = 0x65;
const SETITEMS = 0x75;
const REDUCE = 0x52;
const TUPLE1 = 0x85;
const BINPERSID = 0x51;

const storageNames: Readonly<Record<DType, string>> = {
  float32: "FloatStorage",
  float64: "DoubleStorage",
  float16: "HalfStorage",
  bfloat16: "BFloat16Storage",
  int64: "LongStorage",
  int32: "IntStorage",
  int16: "ShortStorage",
  int8: "CharStorage",
  uint8: "ByteStorage",
  bool: "BoolStorage",
};

/**
 * The bytes of a `.pt` or `.pth` file that `torch.load` reads: tensors, and null, booleans, numbers, bigints, strings, arrays (lists), plain
 * objects and Maps (dictionaries) and Sets of such, in any depth. What is shared stays shared, memory of tensors among it: a view is
 * written as a view of its whole storage, as PyTorch does. Typed arrays are written as tensors. A whole number is written as an int, any other as a
 * float; a property that is `undefined` is left out.
 * @throws ArgumentError for values of other kinds; the text says where it stands
 * @throws DeviceError for tensors that cannot be read at once: `await t.cpu()` first
 */
export const serializeTorch = (value: unknown): Uint8Array<ArrayBuffer> => joined(torchParts(value));

/** The same in pieces. */
export function torchParts(value: unknown): Uint8Array[] {
  const writing = new Writing();
  writing.value(value, "", 0);
  const file = (name: string, content: Uint8Array): Packed => ({ name: `${FOLDER}/${name}`, content });
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  return zipped(
    [
      file("data.pkl", joined(writing.pickle.finish())),
      file("byteorder", text("little")),
      ...writing.storages.map((content, key) => file(`data/${key}`, content)),
      file("version", text(VERSION)),
    ],
    ALIGNMENT,
  );
}

class Writing {
  readonly pickle = new PickleWriter();
  /** Contents of the storages, by key. */
  readonly storages: Uint8Array[] = [];
  readonly #keys = new Map<object, number>();
  readonly #memos = new Map<unknown, number>();

  value(value: unknown, path: string, depth: number): void {
    const { pickle } = this;
    if (value === null) pickle.none();
    else if (typeof value === "boolean") pickle.bool(value);
    else if (typeof value === "number") pickle.number(value);
    else if (typeof value === "bigint") pickle.int(value);
    else if (typeof value === "string") this.#once(value, () => pickle.text(wellFormed(value)));
    else if (typeof value === "object") this.#object(value, path, depth);
    else refuse(path, typeof value);
  }

  /** Writes a value at its first appearance; from then on it is recalled. */
  #once(value: unknown, write: () => void): void {
    const memo = this.#memos.get(value);
    if (memo !== undefined) {
      this.pickle.recall(memo);
      return;
    }
    write();
    this.#memos.set(value, this.pickle.remember());
  }

  /** A container is remembered before it is filled: it may hold itself. */
  #opened(value: object, code: number): boolean {
    const memo = this.#memos.get(value);
    if (memo !== undefined) {
      this.pickle.recall(memo);
      return false;
    }
    this.pickle.op(code);
    this.#memos.set(value, this.pickle.remember());
    return true;
  }

  #object(value: object, path: string, depth: number): void {
    const { pickle } = this;
    if (depth > DEEPEST) throw new ArgumentError(`${path.slice(0, 100)}… is nested more than ${DEEPEST} deep`);
    if (isTensor(value)) this.#once(value, () => this.#tensor(value));
    else if (ArrayBuffer.isView(value)) this.#once(value, () => this.#array(value, path));
    else if (Array.isArray(value)) {
      if (this.#opened(value, EMPTY_LIST)) this.#items(value, path, depth);
    } else if (value instanceof Set) {
      this.#once(value, () => {
        pickle.global("__builtin__", "set").op(EMPTY_LIST);
        this.#items([...value], path, depth);
        pickle.op(TUPLE1).op(REDUCE);
      });
    } else if (value instanceof Map) {
      if (this.#opened(value, EMPTY_DICT)) this.#entries([...value], path, depth);
    } else if (isOptions(value)) {
      const entries = Object.entries(value).filter(([, item]) => item !== undefined);
      if (this.#opened(value, EMPTY_DICT)) this.#entries(entries, path, depth);
    } else refuse(path, value.constructor?.name ?? "object");
  }

  #items(items: readonly unknown[], path: string, depth: number): void {
    if (items.length === 0) return;
    this.pickle.op(MARK);
    items.forEach((item, i) => {
      this.value(item, `${path}[${i}]`, depth + 1);
    });
    this.pickle.op(APPENDS);
  }

  #entries(entries: readonly (readonly [unknown, unknown])[], path: string, depth: number): void {
    if (entries.length === 0) return;
    this.pickle.op(MARK);
    for (const [key, item] of entries) {
      if (key !== null && typeof key === "object") refuse(`a key of ${path || "the value"}`, "object");
      this.value(key, path, depth + 1);
      this.value(item, `${path}[${typeof key === "string" ? JSON.stringify(key) : String(key)}]`, depth + 1);
    }
    this.pickle.op(SETITEMS);
  }

  #tensor(t: Tensor): void {
    const { dtype, storage } = t;
    const key = this.#keys.get(storage) ?? this.#stored(storage, t);
    this.#rebuilt(dtype, key, storage.length, t.offset, t.shape, t.strides, t.requiresGrad);
  }

  /** The content of a storage, under a new key. */
  #stored(storage: Tensor["storage"], t: Tensor): number {
    const { backend } = storage.device;
    // the whole storage where it can be read; t's own read says what to do where it cannot
    const values = backend.readSync?.(storage, 0, storage.length) ?? t.toTypedArray();
    this.#keys.set(storage, this.storages.length);
    return this.storages.push(encode(storage.dtype, values)) - 1;
  }

  #array(values: ArrayBufferView, path: string): void {
    const dtype = arrays.get((values as Uint8Array)[Symbol.toStringTag]);
    if (dtype === undefined) refuse(path, values.constructor.name);
    const copy = new Uint8Array(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    const count = (values as Uint8Array).length;
    this.#rebuilt(dtype as DType, this.storages.push(copy) - 1, count, 0, [count], [1], false);
  }

  /** `torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, OrderedDict())` */
  #rebuilt(
    dtype: DType,
    key: number,
    length: number,
    offset: number,
    shape: readonly number[],
    strides: readonly number[],
    requiresGrad: boolean,
  ): void {
    const { pickle } = this;
    const sizes = (values: readonly number[]): void => {
      pickle.op(MARK);
      for (const value of values) pickle.number(value);
      pickle.op(TUPLE);
    };
    pickle.global("torch._utils", "_rebuild_tensor_v2").op(MARK).op(MARK).text("storage");
    pickle.global("torch", storageNames[dtype]).text(String(key)).text("cpu").number(length).op(TUPLE).op(BINPERSID);
    pickle.number(offset);
    sizes(shape);
    sizes(strides);
    pickle.bool(requiresGrad).global("collections", "OrderedDict").op(MARK).op(TUPLE).op(REDUCE).op(TUPLE).op(REDUCE);
  }
}

const arrays: ReadonlyMap<string, DType> = new Map([
  ["Float32Array", "float32"],
  ["Float64Array", "float64"],
  ["BigInt64Array", "int64"],
  ["Int32Array", "int32"],
  ["Int16Array", "int16"],
  ["Int8Array", "int8"],
  ["Uint8Array", "uint8"],
]);

function refuse(path: string, kind: string): never {
  throw new ArgumentError(
    `a file of PyTorch holds tensors, numbers, strings, arrays, objects and Maps; ${path || "the value"} is of kind ${kind}`,
    { path },
  );
}
