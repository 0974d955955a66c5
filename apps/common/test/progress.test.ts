import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { duration, startProgress } from "../src/progress.js";

test("without a terminal plain lines are printed, and the event loop runs between updates", async () => {
  const stream = new PassThrough();
  const progress = startProgress(200, { unit: "names", start: 100, stream });
  let heard = false;
  setTimeout(() => {
    heard = true;
  }, 1);
  for (let i = 0; i < 6; i++) {
    const end = performance.now() + 15;
    while (performance.now() < end);
    await progress.update(120 + i, `epoch 1/2 · loss 2.${i}`);
  }
  expect(heard).toBe(true);
  progress.stop();
  const printed = String(stream.read());
  expect(printed).not.toContain("\u001b");
  expect(printed).toMatch(/50% · – left · – names\/s · starting\n/);
  expect(printed).toMatch(/62% · \d+s left · \d+ names\/s · epoch 1\/2 · loss 2.5\n/);
});

test.each([
  [4.4, "4s"],
  [75, "1m 15s"],
  [7260, "2h 1m"],
  [Number.NaN, "–"],
])("%d seconds read %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
