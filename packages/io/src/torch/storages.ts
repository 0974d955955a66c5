import { asStrided, type DType, type Tensor } from "@kindling/autograd";
import { lengthOf } from "./known.js";
import type { Tensors } from "./result.js";
import type { StorageRef, TensorRef } from "./values.js";

/** A storage as elements of one dtype: what has to be read of the file. */
export interface Wanted {
  readonly ref: StorageRef;
  readonly dtype: DType;
  readonly length: number;
}

const idOf = (ref: StorageRef, dtype: DType): string => `${dtype} ${ref.key}`;
const dtypeOf = (ref: StorageRef): DType => ref.type.dtype ?? "uint8";

/** Collects the storages that a result needs, then makes its tensors on them. */
export class Storages {
  readonly wanted = new Map<string, Wanted>();
  readonly #byKey = new Map<string, Wanted[]>();
  readonly #flat = new Map<string, Tensor>();

  /** Only notes what is needed. */
  readonly noting: Tensors = {
    tensor: (ref) => this.#note(ref.storage, ref.dtype),
    storage: (ref) => this.#note(ref, dtypeOf(ref)),
  };

  /** Makes tensors, when all that was noted has been read. */
  readonly making: Tensors = {
    tensor: (ref) => this.#make(ref),
    storage: (ref) => {
      const flat = this.#flatOf(ref, dtypeOf(ref));
      const { from, to } = ref.part ?? { from: 0, to: flat.numel() };
      return asStrided(flat, [to - from], [1], from).detach();
    },
  };

  #note(ref: StorageRef, dtype: DType): null {
    const id = idOf(ref, dtype);
    if (this.wanted.has(id)) return null;
    const wanted = { ref, dtype, length: lengthOf(ref, dtype) };
    this.wanted.set(id, wanted);
    this.#byKey.set(ref.key, [...this.wantedOf(ref.key), wanted]);
    return null;
  }

  /** What is needed of one storage. */
  wantedOf(key: string): readonly Wanted[] {
    return this.#byKey.get(key) ?? [];
  }

  /** Takes over what was read. */
  put({ ref, dtype }: Wanted, flat: Tensor): void {
    this.#flat.set(idOf(ref, dtype), flat);
  }

  #flatOf(ref: StorageRef, dtype: DType): Tensor {
    return this.#flat.get(idOf(ref, dtype)) as Tensor;
  }

  /** Tensors on one storage share it, and are no views of each other: as PyTorch makes them. */
  #make({ storage, dtype, shape, strides, offset, requiresGrad }: TensorRef): Tensor {
    const made = asStrided(this.#flatOf(storage, dtype), [...shape], [...strides], offset).detach();
    return requiresGrad && made.isFloatingPoint() ? made.requiresGrad_() : made;
  }
}
