import { inspect } from "node:util";
import { expect, it } from "vitest";
import { tensor } from "../src/index.js";

it("shows a node by its name", () => {
  expect(inspect(tensor(1, { requiresGrad: true }).neg().gradFn)).toBe("<NegBackward0>");
});
