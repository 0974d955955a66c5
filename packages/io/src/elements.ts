import { type DType, dtypeInfo, empty, type Tensor } from "@kindling/autograd";
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from "./half.js";
import { type ByteSource, pieces } from "./source/bytes.js";

/*
 * Elements as files hold them, and as tensors exchange them with the host: the same but for the half floats, which the
 * host holds as float32.
 */

type Host = Parameters<Tensor["storage"]["device"]["backend"]["write"]>[2];

const views: Readonly<Record<Exclude<DType, "float16" | "bfloat16">, new (buffer: ArrayBuffer) => Host>> = {
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

/** Bytes of a file to values; they are changed. */
function decode(dtype: DType, bytes: Uint8Array<ArrayBuffer>, bigEndian: boolean): Host {
  if (bigEndian) swap(bytes, dtypeInfo[dtype].bytes);
  if (dtype === "float16") return float16ToFloat32(new Uint16Array(bytes.buffer));
  if (dtype === "bfloat16") return bfloat16ToFloat32(new Uint16Array(bytes.buffer));
  return new views[dtype](bytes.buffer);
}

/** Reverses the bytes of every element. */
function swap(bytes: Uint8Array, width: number): void {
  for (let at = 0; at + width <= bytes.length; at += width) {
    for (let low = at, high = at + width - 1; low < high; low++, high--) {
      const byte = bytes[low];
      bytes[low] = bytes[high];
      bytes[high] = byte;
    }
  }
}

/** Values to the bytes of a file, little-endian. */
export function encode(dtype: DType, values: Host): Uint8Array {
  const halves =
    dtype === "float16"
      ? float32ToFloat16(values as Float32Array)
      : dtype === "bfloat16"
        ? float32ToBfloat16(values as Float32Array)
        : values;
  return new Uint8Array(halves.buffer, halves.byteOffset, halves.byteLength);
}

/** A tensor on `cpu` that is filled with the bytes of a file, piece by piece, from its beginning on. */
export class Filling {
  readonly tensor: Tensor;
  readonly #bigEndian: boolean;
  #at = 0;

  constructor(dtype: DType, shape: readonly number[], bigEndian = false) {
    this.tensor = empty([...shape], { dtype });
    this.#bigEndian = bigEndian;
  }

  /** The next bytes: a whole number of elements. They are left as they are. */
  push(bytes: Uint8Array): void {
    const { storage } = this.tensor;
    const values = decode(storage.dtype, new Uint8Array(bytes), this.#bigEndian); // a copy: aligned, and ours
    storage.device.backend.write(storage, this.#at, values);
    storage.touch();
    this.#at += values.length;
  }
}

/** A tensor of what is in a source from `from` on, in C order. */
export async function readElements(
  source: ByteSource,
  from: number,
  dtype: DType,
  shape: readonly number[],
  bigEndian = false,
): Promise<Tensor> {
  const { bytes } = dtypeInfo[dtype];
  const filling = new Filling(dtype, shape, bigEndian);
  const count = filling.tensor.numel();
  if (count === 0) return filling.tensor;
  for await (const piece of pieces(source, from, from + count * bytes, bytes)) filling.push(piece);
  return filling.tensor;
}
