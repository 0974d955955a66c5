import type { DType } from "@kindling/storage";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  all,
  anyElement,
  anyLayout,
  anyShape,
  anyView,
  backend,
  type Element,
  elements,
  emptyView,
  expectElements,
  expectUntouched,
  floats,
  integers,
  numel,
  outputLayout,
  positions,
  rowMajor,
  stored,
  viewOf,
} from "./helpers.js";

describe.each(all)("copy from %s", (from) => {
  it.each(all)("to %s", (to) => {
    const cases = anyShape.chain((shape) => fc.tuple(anyView(from, shape), anyLayout));
    fc.assert(
      fc.property(cases, ([a, layout]) => {
        const out = emptyView(to, a.shape, outputLayout(layout));
        backend.copy(out, a);
        expectElements(
          out,
          elements(a).map((x) => stored(to, x)),
        );
        expectUntouched(out);
      }),
      { numRuns: 30 },
    );
  });
});

describe("copy", () => {
  it.each(["float32", "int64", "float16", "bool"] as const)("of long runs and large transposes of %s", (dtype) => {
    const shape = [2, 70, 75];
    const values = positions(shape).map((_, p) => stored(dtype, p % 97));
    for (const gap of [1, 2]) {
      for (const order of [rowMajor.order, [2, 0, 1, 0, 0, 0]]) {
        const out = emptyView(dtype, shape, { ...rowMajor, gap, offset: 3 });
        backend.copy(out, viewOf(dtype, shape, values, { order, gap: 1, offset: 1, expanded: [] }));
        expectElements(out, values);
        expectUntouched(out);
      }
    }
  });

  it.each(["float32", "int64", "float16", "bool"] as const)("of a row again and again, of %s", (dtype) => {
    for (const [length, times] of [
      [70, [3, 5]],
      [1, [4, 3]],
      [7, [1, 100]],
      [5, [0, 2]],
    ] as const) {
      const values = Array.from({ length }, (_, p) => stored(dtype, p % 97));
      const row = viewOf(dtype, [length], values);
      const shape = [...times, length];
      const out = emptyView(dtype, shape, { ...rowMajor, offset: 3 });
      backend.copy(out, { ...row, shape, strides: [0, 0, 1] });
      expectElements(
        out,
        positions(shape).map((_, p) => values[p % length]),
      );
      expectUntouched(out);
    }
  });

  it("truncates towards zero, wraps, and makes NaN and infinities 0 in an integer", () => {
    const a = viewOf("float64", [7], [1.9, -1.9, 300.5, 2 ** 31, NaN, Infinity, -(2 ** 40)]);
    const out = emptyView("uint8", [7]);
    backend.copy(out, a);
    expectElements(out, [1, 255, 44, 0, 0, 0, 0]);
    const wide = emptyView("int64", [7]);
    backend.copy(wide, a);
    expectElements(wide, [1n, -1n, 300n, 2n ** 31n, 0n, 0n, -(2n ** 40n)]);
  });

  it("keeps int64 beyond 2^53", () => {
    const a = viewOf("int64", [2], [2n ** 53n + 1n, -(2n ** 63n)]);
    const out = emptyView("int64", [2]);
    backend.copy(out, a);
    expectElements(out, [2n ** 53n + 1n, -(2n ** 63n)]);
    const low = emptyView("int32", [2]);
    backend.copy(low, a);
    expectElements(low, [1, 0]);
  });
});

describe.each(all)("%s", (dtype) => {
  it("fill", () => {
    fc.assert(
      fc.property(anyShape, anyLayout, anyElement(dtype), (shape, layout, value) => {
        const out = emptyView(dtype, shape, outputLayout(layout));
        backend.fill(out, value);
        expectElements(out, new Array<Element>(numel(shape)).fill(stored(dtype, value)));
        expectUntouched(out);
      }),
      { numRuns: 60 },
    );
    const long = emptyView(dtype, [300], { ...rowMajor, offset: 4 });
    backend.fill(long, 1);
    expectElements(long, new Array<Element>(300).fill(stored(dtype, 1)));
    expectUntouched(long);
  });

  it("write and read", () => {
    const storage = emptyView(dtype, [6]).storage;
    const Host = backend.readSync?.(storage, 0, 0).constructor as new (values: Element[]) => Float32Array;
    const values = new Host([stored(dtype, 1), stored(dtype, 0), stored(dtype, 1)]);
    backend.write(storage, 2, values);
    values[0] = stored(dtype, 0) as number; // free to change
    expect(Array.from(backend.readSync?.(storage, 2, 3) as Float32Array)).toEqual([
      ...new Host([1, 0, 1].map((x) => stored(dtype, x))),
    ]);
    const read = backend.readSync?.(storage, 2, 1) as Float32Array;
    read[0] = stored(dtype, 0) as number; // a copy
    expectElements({ storage, shape: [1], strides: [1], offset: 2 }, [stored(dtype, 1)]);
  });
});

describe("numbers as elements", () => {
  it("are rounded, truncated, wrapped, or made 0 and 1", () => {
    for (const [dtype, value, expected] of [
      ["bool", 5, 1],
      ["bool", NaN, 1],
      ["uint8", 300, 44],
      ["int32", -1.7, -1],
      ["int64", 2 ** 60, 2n ** 60n],
      ["float16", 0.1, 0.0999755859375],
    ] as const) {
      const out = emptyView(dtype, [2]);
      backend.fill(out, value);
      expectElements(out, [expected, expected]);
    }
  });
});

describe("range", () => {
  const check = (dtype: DType, start: Element, step: Element, expected: Element[]) => {
    const out = emptyView(dtype, [expected.length], { ...rowMajor, gap: 2, offset: 1 });
    backend.range(out, start, step);
    expectElements(out, expected);
    expectUntouched(out);
  };
  it.each(floats)("%s is rounded once", (dtype) => {
    check(
      dtype,
      0.1,
      0.3,
      [0, 1, 2, 3, 4].map((i) => stored(dtype, 0.1 + i * 0.3)),
    );
  });
  it.each(integers)("%s", (dtype) => {
    check(
      dtype,
      5,
      -2,
      [5, 3, 1].map((x) => stored(dtype, x)),
    );
    check(
      dtype,
      5n,
      2n,
      [5, 7, 9].map((x) => stored(dtype, x)),
    );
  });
  it("int64 beyond 2^53", () => {
    check("int64", 2n ** 53n, 1, [2n ** 53n, 2n ** 53n + 1n, 2n ** 53n + 2n]);
  });
  it("of nothing", () => {
    check("float32", 0, 1, []);
  });
});

describe("read", () => {
  it("also comes as a promise", async () => {
    const a = viewOf("bfloat16", [2], [1.5, -2]);
    expect(await backend.read(a.storage, 0, 2)).toEqual(new Float32Array([1.5, -2]));
  });
  it("takes any byte but 0 as true", () => {
    const a = emptyView("bool", [3]);
    backend.write(a.storage, 0, new Uint8Array([0, 1, 200]));
    expectElements(a, [0, 1, 1]);
  });
});
