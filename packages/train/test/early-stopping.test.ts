import { expect, it } from "vitest";
import { EarlyStopping } from "../src/index.js";

const run = (stopping: EarlyStopping, values: number[]): boolean[] => values.map((value) => stopping.step(value));

it("stops after a while without a better value", () => {
  const stopping = new EarlyStopping({ patience: 2 });
  expect(run(stopping, [3, 2, 2, 1.9])).toEqual([true, true, false, true]);
  expect([stopping.best, stopping.waited, stopping.stopped]).toEqual([1.9, 0, false]);
  expect(run(stopping, [1.9, Number.NaN])).toEqual([false, false]);
  expect(stopping.stopped).toBe(true);
});

it("wants larger values, or much better ones, where it is told so", () => {
  const stopping = new EarlyStopping({ patience: 3, mode: "max", minDelta: 0.1 });
  expect(run(stopping, [0.5, 0.55, 0.61, 0.4])).toEqual([true, false, true, false]);
  expect(stopping.best).toBe(0.61);
  expect(run(new EarlyStopping({ patience: 1 }), [Number.NaN, 1])).toEqual([false, true]);
});

it("refuses what makes no sense", () => {
  expect(() => new EarlyStopping({ patience: 0 })).toThrow("patience is 1 or more");
  expect(() => new EarlyStopping({ patience: 1, minDelta: -1 })).toThrow("minDelta is 0 or more");
});

it("goes on from a checkpoint as if it had never stopped", () => {
  const values = [3, 2, 2.5, 2.2, 2.1];
  const whole = new EarlyStopping({ patience: 3 });
  for (const value of values) whole.step(value);
  const first = new EarlyStopping({ patience: 3 });
  for (const value of values.slice(0, 3)) first.step(value);
  const second = new EarlyStopping({ patience: 3 });
  second.loadStateDict(first.stateDict());
  expect(second.step(2.2)).toBe(false);
  expect(second.stopped).toBe(false);
  second.step(2.1);
  expect([second.stopped, second.stateDict()]).toEqual([true, whole.stateDict()]);
});
