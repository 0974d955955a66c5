import { cpus } from "node:os";
import { describe, expect, it } from "vitest";
import { hasMpi, ranksOf } from "../src/mpirun.js";

interface Report {
  rank: number;
  size: number;
  threads: number;
  results: Record<string, Record<string, unknown>>;
  inPlace: boolean;
  completed: boolean;
  large: number[][];
}

/** What `programs/collectives.mjs` must find, computed here. */
function expected(size: number, rank: number, dtype: string) {
  const ranks = Array.from({ length: size }, (_, r) => r);
  /** As the dtype holds it: unsigned numbers wrap, bool knows two. */
  const held = (values: number[]) =>
    values.map((v) => (dtype === "bool" ? Number(v !== 0) : dtype === "uint8" ? v & 255 : v));
  const own = ranks.map((r) => held([r + 1, r % 2, 3 - r]));
  const columns = (how: (values: number[]) => number, of = own) =>
    held([0, 1, 2].map((i) => how(of.map((values) => values[i]))));
  const sum = (values: number[]) => values.reduce((a, b) => a + b);
  const twice = <T>(value: T) => [value, value];
  return {
    sum: twice(columns(sum)),
    ...(dtype.includes("float") ? { avg: twice(columns((values) => sum(values) / size)) } : {}),
    product: twice(columns((values) => values.reduce((a, b) => a * b))),
    min: twice(columns((values) => Math.min(...values))),
    max: twice(columns((values) => Math.max(...values))),
    broadcast: twice(own[size - 1]),
    gathered: twice(own),
    scattered: twice(
      columns(
        (values) => Math.max(...values),
        ranks.map((r) => held([r + rank, 1, 0])),
      ),
    ),
  };
}

const dtypes = ["float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"];

function check(reports: Report[], size: number): void {
  expect(reports.map(({ rank }) => rank)).toEqual(Array.from({ length: size }, (_, r) => r));
  for (const { rank, results, inPlace, completed, large } of reports) {
    expect([inPlace, completed]).toEqual([true, true]);
    expect(large.flat()).toEqual([size, size, size, size]);
    for (const dtype of dtypes) {
      for (const name of [dtype, `${dtype} started`]) {
        expect(results[name], `${name} on rank ${rank} of ${size}`).toEqual(expected(size, rank, dtype));
      }
    }
  }
}

describe("collectives", () => {
  it("are nothing in a world of one", async () => check(await ranksOf<Report>(1, "collectives.mjs"), 1));

  it.skipIf(!hasMpi).each([2, 4])("combine the tensors of %i ranks", async (size) => {
    const reports = await ranksOf<Report>(size, "collectives.mjs");
    check(reports, size);
    const threads = reports.reduce((n, report) => n + report.threads, 0);
    expect(threads).toBeLessThanOrEqual(Math.max(size, cpus().length));
  });
});
