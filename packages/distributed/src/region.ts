import { ArgumentError, DeviceError, type DType, noGrad, type Tensor } from "@kindling/autograd";
import type { ElementType } from "./mpi.js";

/** Counts are C's `int`. */
const MOST = 2 ** 31 - 1;

/** The elements of a tensor, one behind the other, as MPI reads and writes them. */
export interface Region {
  readonly memory: ArrayBufferView;
  readonly count: number;
  readonly type: ElementType;
  /** The elements as a tensor: the tensor itself, or a copy where its memory has gaps or MPI cannot add its dtype. */
  readonly tensor: Tensor;
  /** After MPI has written: brings a copy back, and marks the tensor as changed. */
  written(): void;
}

type TypedArray = Float32Array | Uint16Array;

const isHalf = (dtype: DType): boolean => dtype === "float16" || dtype === "bfloat16";

/**
 * Where a tensor's elements lie. A contiguous tensor's own memory; of others a copy.
 * @param name the operation, for errors
 * @param combines whether MPI computes with the elements: it has no halves, which become float32 then
 * @throws DeviceError where the memory cannot be reached
 */
export function regionOf(name: string, tensor: Tensor, combines: boolean): Region {
  if (tensor.device !== "cpu") {
    throw new DeviceError(
      `[${name}] MPI cannot reach tensors on device '${tensor.device}'. Bring it here first: await x.cpu()`,
      { operation: name, device: tensor.device },
    );
  }
  const count = tensor.numel();
  if (count > MOST)
    throw new ArgumentError(`[${name}] ${count} elements are more than MPI can count, ${MOST}`, { count });
  const own = noGrad(() => {
    const plain = tensor.detach();
    return combines && isHalf(tensor.dtype) ? plain.to("float32") : plain.contiguous();
  });
  const start = own.offset;
  return {
    memory: (own.storage.handle as TypedArray).subarray(start, start + count),
    count,
    type: elementType(own.dtype),
    tensor: own,
    written() {
      if (own.storage !== tensor.storage) {
        noGrad(() => void tensor.detach().copy_(own));
        return;
      }
      tensor.storage.touch();
      tensor.counter.version++;
    },
  };
}

const elementType = (dtype: DType): ElementType =>
  dtype === "bool" ? "uint8" : dtype === "float16" || dtype === "bfloat16" ? "uint16" : dtype;
