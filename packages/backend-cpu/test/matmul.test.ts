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
  it.each([
    [130, 129, 131],
    [65, 513, 259],
  ])("%i × %i × %i", (m, depth, n) => {
    const fill = (shape: number[], seed: number, layout = rowMajor) =>
      viewOf(
        dtype,
        shape,
        positions(shape).map((_, p) => ((p * seed) % 7) - 3),
        layout,
      );
    for (const layout of [rowMajor, transposed]) {
      const a = fill([1, m, depth], 5, layout);
      const b = fill([1, depth, n], 3, layout);
      const out = fill([1, m, n], 4);
      const before = elements(out);
      backend.matmul(out, a, b, true);
      expectElements(out, product(a, b, before));
      backend.matmul(out, a, b, false);
      expectElements(out, product(a, b));
    }
  });
});
