import { type Backend, dtypes, registerBackend } from "@kindling/storage";
import { compare, where } from "./compare.js";
import { copy } from "./copy.js";
import { fill, range } from "./fill.js";
import { gather, scatter } from "./indexing.js";
import { matmul } from "./matmul.js";
import { allocateMemory, commonDType, type Memory, withDimension } from "./memory.js";
import { binary, unary } from "./pointwise.js";
import { reduce } from "./reduce.js";
import { scan } from "./scan.js";
import { sort } from "./sort.js";
import { read, write } from "./transfer.js";
import { isHalf, narrowed, updated, widened, widenedOperand } from "./widen.js";

/**
 * The `cpu` device in plain TypeScript: the reference kernels. A storage's handle is a typed array (of bits for float16
 * and bfloat16, of bytes for bool), and the garbage collector owns it.
 *
 * What the contract leaves open: NaN and infinities become 0 in an integer; integers by a shift of their width or more,
 * or by a negative one, give what shifting one by one would give (0, or the sign).
 */
export function createCpuBackend(): Backend {
  return {
    capabilities: { syncRead: true, dtypes },
    allocate: allocateMemory,

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
      if (!isHalf(a.storage.dtype)) unary(name, out, a);
      else narrowed(out, (wide) => unary(name, wide, widened(a)));
    },

    binary(name, out, a, b) {
      const dtype = out.storage.dtype;
      if (!isHalf(dtype)) binary(name, out, a, b);
      else narrowed(out, (wide) => binary(name, wide, widenedOperand(a, dtype), widenedOperand(b, dtype)));
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
      if (!isHalf(a.storage.dtype)) reduce(name, out, a, dims);
      else reduce(name, out, widened(a), dims); // rounds from double when it stores
    },

    scan(name, out, a, dim) {
      const x = withDimension(a);
      const y = withDimension(out);
      if (!isHalf(a.storage.dtype)) scan(name, y, x, dim);
      else narrowed(y, (wide) => scan(name, wide, widened(x), dim));
    },

    matmul(out, a, b, accumulate) {
      if (!isHalf(out.storage.dtype)) matmul(out, a, b, accumulate);
      else updated(out, (wide) => matmul(wide, widened(a), widened(b), accumulate));
    },

    gather(out, a, index, dim) {
      gather(withDimension(out), withDimension(a), withDimension(index), dim);
    },

    scatter(out, index, src, dim, reduction) {
      const dtype = out.storage.dtype;
      const x = withDimension(out);
      const at = withDimension(index);
      const y = typeof src === "object" ? withDimension(src) : src;
      if (!isHalf(dtype) || reduction === "none") scatter(x, at, y, dim, reduction);
      else updated(x, (wide) => scatter(wide, at, widenedOperand(y, dtype), dim, reduction));
    },

    sort(values, indices, a, dim, descending) {
      const x = withDimension(a);
      const y = withDimension(values);
      const from = withDimension(indices);
      if (!isHalf(a.storage.dtype)) sort(y, from, x, dim, descending);
      else narrowed(y, (wide) => sort(wide, from, widened(x), dim, descending));
    },
  };
}

registerBackend("cpu", createCpuBackend);
