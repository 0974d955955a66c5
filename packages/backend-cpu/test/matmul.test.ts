import type { DType, View } from "@kindling/storage";
import fc from "fast-check";
import { describe, it } from "vitest";
import {
  all,
  anyLayout,
  anyView,
  backend,
  type Element,
  elements,
  emptyView,
  expectElements,
  expectUntouched,
  lookup,
  outputLayout,
  positions,
  rowMajor,
  smallElement,
  stored,
  viewOf,
} from "./helpers.js";

const plus = (x: Element, y: Element): Element => ((x as number) + (y as number)) as Element;
const times = (x: Element, y: Element): Element => ((x as number) * (y as number)) as Element;

/** The product, element by element; `before` is what was in the output. */
function product(a: View, b: View, before?: Element[]): Element[] {
  const dtype = a.storage.dtype;
  const [batch, m, depth] = a.shape;
  const x = lookup(a);
  const y = lookup(b);
  return positions([batch, m, b.shape[2]]).map(([p, i, j], at) => {
    let sum = before?.[at] ?? stored(dtype === "int64" ? "int64" : "float64", 0);
    for (let k = 0; k < depth; k++) sum = plus(sum, times(x([p, i, k]), y([p, k, j])));
    return stored(dtype, sum);
  });
}

const size = fc.integer({ min: 0, max: 11 });

describe.each(all)("matmul of %s", (dtype: DType) => {
  it("of any sizes and layouts", () => {
    const cases = fc
      .tuple(fc.integer({ min: 0, max: 3 }), size, size, size)
      .chain(([batch, m, depth, n]) =>
        fc.tuple(
          anyView(dtype, [batch, m, depth], smallElement(dtype)),
          anyView(dtype, [batch, depth, n], smallElement(dtype)),
          anyView(dtype, [batch, m, n], smallElement(dtype)),
          anyLayout,
        ),
      );
    fc.assert(
      fc.property(cases, ([a, b, start, layout]) => {
        const out = emptyView(dtype, start.shape, outputLayout(layout));
        backend.matmul(out, a, b, false);
        expectElements(out, product(a, b));
        backend.copy(out, start);
        backend.matmul(out, a, b, true);
        expectElements(out, product(a, b, elements(start)));
        expectUntouched(out);
      }),
      { numRuns: 60 },
    );
  });
});

describe.each(["float32", "float64", "float16"] as const)("large matmul of %s", (dtype) => {
  const transposed = { ...rowMajor, order: [2, 0, 1, 0, 0, 0], expanded: [] };
  const numbers = (length: number, seed: number) => Array.from({ length }, (_, p) => ((p * seed) % 7) - 3);

  it.each([
    [130, 129, 131],
    [33, 290, 259],
  ])("%i × %i × %i", (m, depth, n) => {
    const x = numbers(m * depth, 5);
    const y = numbers(depth * n, 3);
    const start = numbers(m * n, 4);
    const expected = start.map(() => 0);
    for (let i = 0; i < m; i++) {
      for (let k = 0; k < depth; k++) {
        for (let j = 0; j < n; j++) expected[i * n + j] += x[i * depth + k] * y[k * n + j];
      }
    }
    for (const layout of [rowMajor, transposed]) {
      const a = viewOf(dtype, [1, m, depth], x, layout);
      const b = viewOf(dtype, [1, depth, n], y, layout);
      const out = viewOf(dtype, [1, m, n], start, layout);
      backend.matmul(out, a, b, true);
      expectElements(
        out,
        expected.map((z, p) => stored(dtype, z + start[p])),
      );
      backend.matmul(out, a, b, false);
      expectElements(
        out,
        expected.map((z) => stored(dtype, z)),
      );
    }
  });
});
