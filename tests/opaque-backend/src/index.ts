import { type Backend, dtypeInfo, type HostArray, type Operand, registerBackend } from "@kindling/storage";
import { binaryOf, comparisons, stepOf, unaryOf } from "./functions.js";
import * as kernels from "./kernels.js";
import {
  allocate,
  type Bound,
  bind,
  bindOperand,
  bindOutput,
  expect,
  expectApart,
  expectDim,
  expectDType,
  expectShapes,
  number,
  supported,
  wordsOf,
} from "./memory.js";
import { CommandQueue } from "./queue.js";

export { ContractError } from "./memory.js";

/**
 * A device as unlike the CPU as a GPU is: opaque handles, reads that come later, commands that are recorded and run late, no
 * float64 and no int64, a 32-bit word for every element, and none but the required primitives. Its memory starts as NaN and
 * 0x7fffffff. Everything it is given is checked against the contract first; a breach throws `ContractError` at the call.
 */
export function createOpaqueBackend(): Backend {
  const queue = new CommandQueue();

  return {
    capabilities: { syncRead: false, dtypes: supported },
    allocate,

    write(storage, offset, values) {
      const { dtype } = storage;
      const { Host } = dtypeInfo[dtype];
      expect(
        values instanceof Host,
        () => `write: ${dtype} comes in a ${Host.name}, not in a ${values.constructor.name}`,
      );
      expect(dtype !== "bool" || (values as Uint8Array).every((x) => x <= 1), () => "write: a bool is 0 or 1");
      const words = wordsOf("write", storage, offset, values.length);
      const upload = values.slice() as Exclude<HostArray, BigInt64Array>;
      queue.record(() => words.set(upload, offset));
    },

    async read(storage, offset, length) {
      const words = wordsOf("read", storage, offset, length);
      const host = new dtypeInfo[storage.dtype].Host(length) as Exclude<HostArray, BigInt64Array>;
      queue.record(() => host.set(words.subarray(offset, offset + length)));
      await queue.finished();
      return host;
    },

    synchronize: () => queue.finished(),

    unary(name, out, a) {
      const member = `unary ${name}`;
      const [to, x] = [bindOutput(member, out), bind(member, a)];
      const fn = unaryOf(name, x.dtype);
      expectDType(member, name === "isnan" ? "bool" : x.dtype, [to]);
      expectShapes(member, to.shape, [x]);
      expectApart(member, to, [x], true);
      queue.record(() => kernels.map1(to, x, fn));
    },

    binary(name, out, a, b) {
      const member = `binary ${name}`;
      const to = bindOutput(member, out);
      const [x, y] = operands(member, to, a, b, to.dtype);
      const fn = binaryOf(name, to.dtype);
      queue.record(() => kernels.map2(to, x, y, fn));
    },

    compare(name, out, a, b) {
      const member = `compare ${name}`;
      const to = bindOutput(member, out);
      expectDType(member, "bool", [to]);
      const view = [a, b].find((operand) => typeof operand === "object");
      expect(view !== undefined, () => `${member}: two numbers`);
      const [x, y] = operands(member, to, a, b, view.storage.dtype);
      const holds = comparisons[name];
      queue.record(() => kernels.map2(to, x, y, (p, q) => Number(holds(p, q))));
    },

    where(out, condition, a, b) {
      const [to, which] = [bindOutput("where", out), bind("where", condition)];
      const [x, y] = [a, b].map((operand) => bindOperand("where", operand, to.dtype, to.shape));
      expectDType("where", "bool", [which]);
      expectDType("where", to.dtype, [x, y]);
      expectShapes("where", to.shape, [which, x, y]);
      expectApart("where", to, [which, x, y], true);
      queue.record(() => kernels.select(to, which, x, y));
    },

    copy(out, a) {
      const [to, x] = [bindOutput("copy", out), bind("copy", a)];
      expectShapes("copy", to.shape, [x]);
      expectApart("copy", to, [x], true);
      queue.record(() => kernels.map1(to, x, conversion(to)));
    },

    fill(out, value) {
      const to = bindOutput("fill", out);
      const x = number("fill", value, to.dtype);
      queue.record(() => kernels.iota(to, () => x));
    },

    range(out, start, step) {
      const to = bindOutput("range", out);
      expect(to.shape.length === 1, () => `range: an output of shape [${to.shape}]`);
      expect(to.dtype !== "bool", () => "range: there is no range of bool");
      expect(
        to.dtype === "float32" || (Number.isInteger(Number(start)) && Number.isInteger(Number(step))),
        () => `range: start ${start} and step ${step} for ${to.dtype}`,
      );
      const convert = conversion(to);
      queue.record(() => kernels.iota(to, (i) => convert(Number(start) + i * Number(step))));
    },

    reduce(name, out, a, dims) {
      const member = `reduce ${name}`;
      const [to, x] = [bindOutput(member, out), bind(member, a)];
      for (const dim of dims) expectDim(member, x.shape, dim);
      expect(new Set(dims).size === dims.length, () => `${member}: a repeated dimension in [${dims}]`);
      const kept = x.shape.map((size, d) => (dims.includes(d) ? 1 : size));
      expectShapes(member, kept, [to]);
      expectApart(member, to, [x], false);
      const nothing = x.shape.includes(0) && !kept.includes(0);
      if (name === "argmax" || name === "argmin") {
        expect(dims.length === 1, () => `${member}: dimensions [${dims}]`);
        expectDType(member, "int32", [to]);
        expect(!nothing, () => `${member}: of nothing`);
        queue.record(() => kernels.argReduce(name, to, x, dims[0]));
      } else {
        stepOf(name, x.dtype);
        expectDType(member, x.dtype, [to]);
        expect(!nothing || name === "sum" || name === "prod", () => `${member}: of nothing`);
        queue.record(() => kernels.reduce(name, to, x, dims));
      }
    },

    scan(name, out, a, dim) {
      const member = `scan ${name}`;
      const [to, x] = [bindOutput(member, out), bind(member, a)];
      stepOf(name, x.dtype);
      expectDim(member, x.shape, dim);
      expectDType(member, x.dtype, [to]);
      expectShapes(member, x.shape, [to]);
      expectApart(member, to, [x], false);
      queue.record(() => kernels.scan(name, to, x, dim));
    },

    matmul(out, a, b, accumulate) {
      const [to, x, y] = [bindOutput("matmul", out), bind("matmul", a), bind("matmul", b)];
      expect(to.shape.length === 3, () => `matmul: an output of shape [${to.shape}]`);
      const [batch, rows, columns] = to.shape;
      const depth = x.shape[2];
      expectShapes("matmul", [batch, rows, depth], [x]);
      expectShapes("matmul", [batch, depth, columns], [y]);
      stepOf("sum", to.dtype);
      expectDType("matmul", to.dtype, [x, y]);
      expectApart("matmul", to, [x, y], false);
      queue.record(() => kernels.matmul(to, x, y, accumulate));
    },

    gather(out, a, index, dim) {
      const [to, x, at] = [bindOutput("gather", out), bind("gather", a), bind("gather", index)];
      expectDType("gather", x.dtype, [to]);
      indexed("gather", x, at, dim);
      expectShapes("gather", to.shape, [at]);
      expectApart("gather", to, [x, at], false);
      queue.record(() => kernels.gather(to, x, at, dim));
    },

    scatter(out, index, src, dim, reduction) {
      const member = `scatter ${reduction}`;
      const [to, at] = [bindOutput(member, out), bind(member, index)];
      const x = bindOperand(member, src, to.dtype, at.shape);
      expectDType(member, to.dtype, [x]);
      indexed(member, to, at, dim);
      expectShapes(member, at.shape, [x]);
      expectApart(member, to, [at, x], false);
      const combine = reduction === "none" ? (_: number, arriving: number) => arriving : stepOf(reduction, to.dtype);
      queue.record(() => kernels.scatter(to, at, x, dim, combine));
    },

    sort(values, indices, a, dim, descending) {
      const [to, marks, x] = [bindOutput("sort", values), bindOutput("sort", indices), bind("sort", a)];
      expectDim("sort", x.shape, dim);
      expectDType("sort", x.dtype, [to]);
      expectDType("sort", "int32", [marks]);
      expectShapes("sort", x.shape, [to, marks]);
      expectApart("sort", to, [x, marks], false);
      expectApart("sort", marks, [x], false);
      queue.record(() => kernels.sort(to, marks, x, dim, descending));
    },
  };
}

/** Adds the device to the registry. */
export function registerOpaqueBackend(name = "opaque"): void {
  registerBackend(name, createOpaqueBackend);
}

/** Two operands of one dtype and of the output's shape, at most one of them a number. */
function operands(member: string, out: Bound, a: Operand, b: Operand, dtype: Bound["dtype"]): [Bound, Bound] {
  expect(typeof a === "object" || typeof b === "object", () => `${member}: two numbers`);
  const x = bindOperand(member, a, dtype, out.shape);
  const y = bindOperand(member, b, dtype, out.shape);
  expectDType(member, dtype, [x, y]);
  expectShapes(member, out.shape, [x, y]);
  expectApart(member, out, [x, y], true);
  return [x, y];
}

/** What the words of an output make of a number; a float stored as an integer loses its fraction. */
function conversion(out: Bound): (x: number) => number {
  if (out.dtype === "bool") return (x) => (x !== 0 ? 1 : 0);
  if (out.dtype === "uint8") return (x) => x & 255;
  return (x) => x;
}

/** `index` picks along `dim` of `of`, and is at most as large elsewhere. */
function indexed(member: string, of: Bound, index: Bound, dim: number): void {
  expectDType(member, "int32", [index]);
  expectDim(member, of.shape, dim);
  expect(
    index.shape.length === of.shape.length && index.shape.every((size, d) => d === dim || size <= of.shape[d]),
    () => `${member}: an index of shape [${index.shape}] into shape [${of.shape}] along ${dim}`,
  );
}
