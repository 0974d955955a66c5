import { type Backend, dtypes, registerBackend, registerKernels } from "@kindling/storage";
import { compare, where } from "./compare.js";
import { copy } from "./copy.js";
import { fastPaths } from "./fast-paths.js";
import { fill, range } from "./fill.js";
import { gather, scatter } from "./indexing.js";
import { matmul } from "./matmul.js";
import { allocateStorage, commonDType, type Memory, temporary } from "./memory.js";
import { binary, unary } from "./pointwise.js";
import { reduce } from "./reduce.js";
import { scan } from "./scan.js";
import { sort } from "./sort.js";
import { read, write } from "./transfer.js";
import { isHalf, widened, widenedOperand } from "./widen.js";

/**
 * The `cpu` device in plain TypeScript: the reference kernels. A storage's handle is a typed array (of bits for float16
 * and bfloat16, of bytes for bool), and the garbage collector owns it.
 *
 * What the contract leaves open: NaN and infinities become 0 in an integer; an integer shifted by its width
 * or more, or by a negative count, becomes 0, or to the right its sign; `fmod` by the integer 0 is 0.
 */
export function createCpuBackend(): Backend {
  return {
    capabilities: { syncRead: true, dtypes },
    allocate: allocateStorage,

    write(storage, offset, values) {
      write(storage.dtype, storage.handle as Memory, offset, values);
    },

    readSync(storage, offset, length) {
      return read(storage.dtype, storage.handle as Memory, offset, length);
    },

    async read(storage, offset, length) {
      return read(storage.dtype, storage.handle as Memory, offset, length);
    },

    unary(name, out, a) {
      if (!isHalf(a.storage.dtype)) return unary(name, out, a);
      const wide = temporary("float32", out.shape);
      unary(name, wide, widened(a));
      copy(out, wide);
    },

    binary(name, out, a, b) {
      const dtype = out.storage.dtype;
      if (!isHalf(dtype)) return binary(name, out, a, b);
      const wide = temporary("float32", out.shape);
      binary(name, wide, widenedOperand(a, dtype), widenedOperand(b, dtype));
      copy(out, wide);
    },

    compare(name, out, a, b) {
      const dtype = commonDType(a, b);
      if (!isHalf(dtype)) compare(name, out, a, b);
      else compare(name, out, widenedOperand(a, dtype), widenedOperand(b, dtype));
    },

    where,
    copy,
    fill,
    range,

    reduce(name, out, a, dims) {
      reduce(name, out, isHalf(a.storage.dtype) ? widened(a) : a, dims); // rounds from double when it stores
    },

    scan(name, out, a, dim) {
      if (!isHalf(a.storage.dtype)) return scan(name, out, a, dim);
      const wide = temporary("float32", out.shape);
      scan(name, wide, widened(a), dim);
      copy(out, wide);
    },

    matmul(out, a, b, accumulate) {
      if (!isHalf(out.storage.dtype)) return matmul(out, a, b, accumulate);
      const wide = accumulate ? widened(out) : temporary("float32", out.shape);
      matmul(wide, widened(a), widened(b), accumulate);
      copy(out, wide);
    },

    gather,

    scatter(out, index, src, dim, reduction) {
      const dtype = out.storage.dtype;
      if (!isHalf(dtype) || reduction === "none") return scatter(out, index, src, dim, reduction);
      const wide = widened(out);
      scatter(wide, index, widenedOperand(src, dtype), dim, reduction);
      copy(out, wide);
    },

    sort(values, indices, a, dim, descending) {
      if (!isHalf(a.storage.dtype)) return sort(values, indices, a, dim, descending);
      const wide = temporary("float32", values.shape);
      sort(wide, indices, widened(a), dim, descending);
      copy(values, wide);
    },
  };
}

registerBackend("cpu", createCpuBackend);
registerKernels("cpu", fastPaths);
