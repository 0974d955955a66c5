import fc from "fast-check";
import { describe, it } from "vitest";
import {
  all,
  anyElement,
  anyLayout,
  anyView,
  backend,
  type Element,
  emptyView,
  expectElements,
  expectUntouched,
  lookup,
  outputLayout,
  positions,
  stored,
  viewOf,
} from "./helpers.js";

/** The order of a run, NaN largest, by insertion into a sorted list. */
function orderOf(run: readonly Element[], descending: boolean): number[] {
  const before = (x: Element, y: Element) => (x !== x ? false : y !== y ? true : x < y);
  const order: number[] = [];
  run.forEach((x, p) => {
    let at = order.length;
    while (at > 0 && (descending ? before(run[order[at - 1]], x) : before(x, run[order[at - 1]]))) at--;
    order.splice(at, 0, p);
  });
  return order;
}

describe.each(all)("sort %s", (dtype) => {
  it.each([false, true])("descending: %s", (descending) => {
    const cases = fc
      .array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 3 })
      .chain((shape) =>
        fc.tuple(anyView(dtype, shape, anyElement(dtype)), anyLayout, anyLayout, fc.nat(shape.length - 1)),
      );
    fc.assert(
      fc.property(cases, ([a, layout, other, dim]) => {
        const values = emptyView(dtype, a.shape, outputLayout(layout));
        const indices = emptyView("int32", a.shape, outputLayout(other));
        backend.sort(values, indices, a, dim, descending);
        const get = lookup(a);
        const order = (at: readonly number[]) => {
          const run = Array.from({ length: a.shape[dim] }, (_, p) => get(at.map((x, d) => (d === dim ? p : x))));
          return orderOf(run, descending)[at[dim]];
        };
        const sorted = positions(a.shape).map((at) => [at, order(at)] as const);
        expectElements(
          indices,
          sorted.map(([, from]) => from),
        );
        expectElements(
          values,
          sorted.map(([at, from]) => get(at.map((x, d) => (d === dim ? from : x)))),
        );
        expectUntouched(values);
        expectUntouched(indices);
      }),
      { numRuns: 60 },
    );
  });

  it("long runs, with many equal elements", () => {
    const n = 700;
    const run = Array.from({ length: n }, (_, p) => stored(dtype, (p * p * 31) % 50));
    if (dtype === "float32") run[5] = run[300] = NaN;
    for (const descending of [false, true]) {
      const values = emptyView(dtype, [n]);
      const indices = emptyView("int32", [n]);
      backend.sort(values, indices, viewOf(dtype, [n], run), 0, descending);
      const order = orderOf(run, descending);
      expectElements(indices, order);
      expectElements(
        values,
        order.map((p) => run[p]),
      );
    }
  });
});
