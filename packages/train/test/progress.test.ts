import { expect, test, vi } from "vitest";
import { openBar } from "../src/bar-browser.js";
import { duration, type ProgressState, startProgress } from "../src/index.js";

const busy = (milliseconds: number): void => {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
};

test("draws the first and the last state, some between, and lets the event loop run", async () => {
  const seen: ProgressState[] = [];
  const progress = startProgress(200, { unit: "names", start: 100, show: (state) => seen.push(state) });
  let heard = false;
  setTimeout(() => {
    heard = true;
  }, 0); // Chromium runs timers without delay before those with one
  for (let i = 0; i < 6; i++) {
    busy(15);
    await progress.update(120 + i, `loss 2.${i}`);
  }
  expect(heard).toBe(true);
  progress.stop();
  expect(seen[0]).toEqual({ done: 100, total: 200, unit: "names", speed: "–", left: "–", note: "starting" });
  expect(seen.length).toBeLessThan(6); // of six updates in 90 ms not each is drawn
  const last = seen[seen.length - 1];
  expect(last).toMatchObject({ done: 125, total: 200, note: "loss 2.5" });
  // what an earlier run has been through does not count for the speed: 25 names in at least 90 ms
  expect(Number(last.speed)).toBeGreaterThan(0);
  expect(Number(last.speed)).toBeLessThanOrEqual(278);
});

test("a loop without any step has an end, too", () => {
  const seen: ProgressState[] = [];
  startProgress(0, { show: (state) => seen.push(state) }).stop();
  expect(seen.map(({ done, total }) => [done, total])).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("a total of %d is refused", (total) => {
  expect(() => startProgress(total, { unit: "batches" })).toThrow(
    `startProgress: expected a number of batches from 0 on, got ${total}`,
  );
});

test("in a browser there are lines on the console", () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const bar = openBar({ done: 0, total: 3, unit: "steps", speed: "–", left: "–", note: "starting" });
  bar.draw({ done: 2, total: 3, unit: "steps", speed: "2.0", left: "1s", note: "loss 0.5" });
  expect(log).not.toHaveBeenCalled(); // less than five seconds
  bar.close();
  expect(log.mock.calls).toEqual([["66% · 1s left · 2.0 steps/s · loss 0.5"]]);
  log.mockRestore();
});

test.each([
  [4.4, "4s"],
  [75, "1m 15s"],
  [7260, "2h 1m"],
  [Number.NaN, "–"],
])("%d seconds read %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
