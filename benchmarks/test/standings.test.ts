import { describe, expect, test } from "vitest";
import { chart } from "../src/chart.js";
import type { Entry } from "../src/results.js";
import { milliseconds, type Row, rate } from "../src/row.js";
import { short, standings } from "../src/standings.js";
import { markdown } from "../src/table.js";

const prepare = () => ({ call() {} });
const time: Row = {
  name: "a time",
  ...milliseconds,
  targets: { kindling: { pytorch: [0.5, 2], peers: 3 }, blas: { pytorch: 1 } },
  prepare,
};
const speed: Row = { name: "a rate", ...rate("steps/s", 10), targets: { kindling: { pytorch: 1 } }, prepare };

const entry = (row: string, threads: number, figures: Record<string, number>): Entry => ({
  row,
  threads,
  figures,
  missing: {},
  profiles: {},
  node: "v20",
  cpu: "a processor",
  date: "2026-01-01",
});

const entries = [
  entry("a time", 1, { kindling: 0.002, pytorch: 0.001, slow: 1, quick: 0.01 }),
  entry("a time", 2, { kindling: 0.001, blas: 0.0005, pytorch: 0.001, slow: 0.5 }),
  entry("a rate", 1, { kindling: 2, pytorch: 1 }),
];
const found = standings([time, speed], entries);

describe("standings", () => {
  test("ratios are greater when we are better, of times and of rates", () => {
    expect(found.map(({ figure, pytorch }) => [figure, pytorch.figure, pytorch.ratio])).toEqual([
      [2, 1, 0.5],
      [1, 1, 1],
      [0.5, 1, 2],
      [5, 10, 0.5],
    ]);
  });

  test("targets may differ by threads", () => {
    expect(found.map(({ pytorch }) => [pytorch.target, pytorch.reached])).toEqual([
      [0.5, true],
      [2, false],
      [1, true],
      [1, false],
    ]);
    expect(found.map(short)).toEqual([false, true, false, true]);
  });

  test("the best peer counts, on two threads also with what it does on one", () => {
    expect(found.slice(0, 2).map(({ peer }) => [peer.name, peer.ratio, peer.reached])).toEqual([
      ["quick", 5, true],
      ["quick", 10, true],
    ]);
    expect(found[3].peer.name).toBeUndefined();
  });
});

test("a figure can have a bound of its own", () => {
  const bounded: Row = { ...time, name: "a bound", targets: { kindling: { atMost: 1.5 } } };
  const [one, two] = standings(
    [bounded],
    [entry("a bound", 1, { kindling: 0.001 }), entry("a bound", 2, { kindling: 0.002 })],
  );
  expect([short(one), short(two)]).toEqual([false, true]);
  expect(markdown([two])).toContain("| – | – | at most 1.5 ✗ |");
});

test("the table marks what is missed", () => {
  expect(markdown(found).split("\n").slice(2)).toEqual([
    "| a time | ms | 1 | 2.00 | 1.00 | 0.500 | 0.5 ✓ | 10.0 | quick | 5.00 | 3 ✓ |",
    "| a time | ms | 2 | 1.00 | 1.00 | 1.00 | 2 ✗ | 10.0 | quick | 10.0 | 3 ✓ |",
    "| a time, with BLAS | ms | 2 | 0.500 | 1.00 | 2.00 | 1 ✓ | 10.0 | quick | 20.0 | – |",
    "| a rate | steps/s | 1 | 5.00 | 10.0 | 0.500 | 1 ✗ | – |  | – | – |",
  ]);
});

test("the chart names every row", () => {
  const svg = chart(found);
  expect(svg).toMatch(/^<svg[^>]* xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  for (const name of ["a time", "a rate", "1 thread", "2 threads"]) expect(svg).toContain(`>${name}<`);
});
