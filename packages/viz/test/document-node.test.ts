import { expect, it } from "vitest";
import { chartDocument } from "../src/document-browser.js";

it("says in a worker what charts lack", () => {
  expect(() => chartDocument()).toThrow("workers do not have");
});
