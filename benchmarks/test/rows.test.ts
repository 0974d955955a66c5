import { expect, test } from "vitest";
import { measure } from "../src/measure.js";
import { groups } from "../src/rows.js";

/* Every row runs, once: no figure is looked at. */

/** Takes many seconds, and is made of rows that run here. */
const long = /^five gradients|^peak memory|^memory after|VGG19 to conv5_1, 256|tutorial network, 256/;

const rows = groups.flatMap((group) => group.rows);

test("names are unique", () => {
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
});

for (const row of rows.filter(({ name }) => !long.test(name))) {
  test(row.name, { timeout: 60_000 }, () => {
    const figure = row.figure(measure(row.prepare(), { repeat: 0, repeats: 1, warm: 0, slow: 0 }));
    expect(Number.isFinite(figure)).toBe(true);
    expect(figure).toBeGreaterThan(0);
  });
}
