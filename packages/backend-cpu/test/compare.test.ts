import type { CompareName, DType } from "@kindling/storage";
import fc from "fast-check";
import { describe, it } from "vitest";
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
  outputLayout,
  stored,
  viewOf,
} from "./helpers.js";

const compares: Record<CompareName, (x: Element, y: Element) => boolean> = {
  eq: (x, y) => x === y,
  ne: (x, y) => x !== y,
  lt: (x, y) => x < y,
  le: (x, y) => x <= y,
  gt: (x, y) => x > y,
  ge: (x, y) => x >= y,
};

const cases = (dtype: DType) =>
  anyShape.chain((shape) =>
    fc.tuple(anyView(dtype, shape), anyView(dtype, shape), anyView("bool", shape), anyLayout, anyElement(dtype)),
  );

describe.each(all)("%s", (dtype) => {
  it.each(Object.keys(compares) as CompareName[])("%s", (name) => {
    const f = (x: Element, y: Element): Element => (compares[name](x, y) ? 1 : 0);
    fc.assert(
      fc.property(cases(dtype), ([a, b, , layout, scalar]) => {
        const xs = elements(a);
        const ys = elements(b);
        const s = stored(dtype, scalar);
        const out = emptyView("bool", a.shape, outputLayout(layout));
        backend.compare(name, out, a, b);
        expectElements(
          out,
          xs.map((x, p) => f(x, ys[p])),
        );
        backend.compare(name, out, a, s);
        expectElements(
          out,
          xs.map((x) => f(x, s)),
        );
        backend.compare(name, out, s, b);
        expectElements(
          out,
          ys.map((y) => f(s, y)),
        );
        expectUntouched(out);
      }),
      { numRuns: 30 },
    );
  });

  it("where", () => {
    fc.assert(
      fc.property(cases(dtype), ([a, b, condition, layout, scalar]) => {
        const xs = elements(a);
        const ys = elements(b);
        const choose = elements(condition).map((c) => c !== 0);
        const s = stored(dtype, scalar);
        const zero = stored(dtype, 0);
        const out = emptyView(dtype, a.shape, outputLayout(layout));
        backend.where(out, condition, a, b);
        expectElements(
          out,
          choose.map((c, p) => (c ? xs[p] : ys[p])),
        );
        backend.where(out, condition, s, b);
        expectElements(
          out,
          choose.map((c, p) => (c ? s : ys[p])),
        );
        backend.where(out, condition, a, s);
        expectElements(
          out,
          choose.map((c, p) => (c ? xs[p] : s)),
        );
        backend.where(out, condition, s, 0);
        expectElements(
          out,
          choose.map((c) => (c ? s : zero)),
        );
        expectUntouched(out);
      }),
      { numRuns: 60 },
    );
  });
});

describe("compare", () => {
  it("tells int64 apart beyond 2^53", () => {
    const out = emptyView("bool", [1]);
    backend.compare("lt", out, viewOf("int64", [1], [2n ** 53n]), viewOf("int64", [1], [2n ** 53n + 1n]));
    expectElements(out, [1]);
  });
});
