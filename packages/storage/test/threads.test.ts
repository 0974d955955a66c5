import { afterEach, expect, it } from "vitest";
import { ArgumentError, getNumThreads, setNumThreads, state } from "../src/index.js";

afterEach(() => {
  state.threads = undefined;
});

it("threads are kept for whoever has some", () => {
  expect(getNumThreads()).toBe(1);
  setNumThreads(3);
  expect(getNumThreads()).toBe(3);
});

it.each([0, -1, 1.5, Number.NaN, "2"])("%s threads are refused", (threads) => {
  expect(() => setNumThreads(threads as number)).toThrow(ArgumentError);
  expect(() => setNumThreads(threads as number)).toThrow("setNumThreads expects a positive integer");
});
