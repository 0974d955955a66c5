import type { DType } from "@kindling/autograd";
import { quoted } from "../errors.js";
import { Buildable, Foreign, Tuple, Unfit } from "../pickle/values.js";

/** What a file's `torch.FloatStorage` stands for. */
export class StorageType {
  /** `null` for storages that are bytes. */
  readonly dtype: DType | null;

  constructor(dtype: DType | null) {
    this.dtype = dtype;
  }
}

/** A storage that the pickle names; its elements stand elsewhere in the file. */
export class StorageRef {
  readonly type: StorageType;
  readonly key: string;
  /** Elements, or bytes where the type has no dtype. */
  readonly count: number;
  /** A part of the storage, in elements, where the pickle names one. */
  readonly part: { readonly from: number; readonly to: number } | null;

  constructor(type: StorageType, key: string, count: number, part: { from: number; to: number } | null) {
    this.type = type;
    this.key = key;
    this.count = count;
    this.part = part;
  }
}

/** A tensor that the pickle describes. */
export class TensorRef extends Buildable {
  readonly storage: StorageRef;
  readonly dtype: DType;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  requiresGrad: boolean;

  constructor(
    storage: StorageRef,
    dtype: DType,
    layout: { offset: number; shape: readonly number[]; strides: readonly number[] },
    requiresGrad: boolean,
  ) {
    super();
    this.storage = storage;
    this.dtype = dtype;
    this.offset = layout.offset;
    this.shape = layout.shape;
    this.strides = layout.strides;
    this.requiresGrad = requiresGrad;
  }

  /** A tensor of its own over the same elements: what a parameter is to the tensor that it is made of. */
  again(requiresGrad: boolean): TensorRef {
    return new TensorRef(this.storage, this.dtype, this, requiresGrad);
  }

  /** Parameters of PyTorch 0.3 and before have a state behind their constructor. */
  build(state: unknown): void {
    if (state instanceof Tuple && typeof state.items[0] === "boolean") this.requiresGrad = state.items[0];
  }
}

/**
 * What persistent ids stand for: `("storage", type, key, location, count[, (key, from, count)])`, or, in old files,
 * `("module", class, file, source)`.
 * @param storages takes the storages by key
 */
export const persistentIds =
  (storages: Map<string, StorageRef>) =>
  (id: unknown): unknown => {
    const made = persistent(id);
    if (!(made instanceof StorageRef)) return made;
    const known = storages.get(made.key);
    if (known !== undefined && (known.type.dtype !== made.type.dtype || known.count !== made.count))
      throw new Unfit(`storage ${quoted(made.key)} in two ways`);
    storages.set(made.key, made);
    return made;
  };

function persistent(id: unknown): unknown {
  if (!(id instanceof Tuple)) throw new Unfit("a persistent id that is no tuple");
  const [kind, type, key, , count, view] = id.items;
  if (kind === "module" && type instanceof Foreign) return type;
  if (kind !== "storage") throw new Unfit("a persistent id that is no storage");
  if (!(type instanceof StorageType)) {
    const name = type instanceof Foreign ? type.name : "something that is no type of storages";
    throw new Unfit(`a storage of ${name}, of which there are no tensors here`);
  }
  if (!isKey(key)) throw new Unfit("a storage whose key is no text");
  if (!isCount(count)) throw new Unfit("a storage whose size is no whole number");
  return new StorageRef(type, String(key), count, partOf(view, count));
}

function partOf(view: unknown, count: number): { from: number; to: number } | null {
  if (!(view instanceof Tuple)) return null;
  const [, from, length] = view.items;
  if (!isCount(from) || !isCount(length) || from + length > count)
    throw new Unfit(`a view of a storage that goes beyond its ${count} elements`);
  return { from, to: from + length };
}

/** What storages are named by. */
export const isKey = (value: unknown): value is string | number =>
  typeof value === "string" || typeof value === "number";

export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
