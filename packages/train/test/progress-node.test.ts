import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { openBar } from "../src/bar-node.js";

test("without a terminal plain lines are printed", () => {
  const stream = new PassThrough();
  const state = { total: 200, unit: "names" };
  const bar = openBar({ ...state, done: 100, speed: "–", left: "–", note: "starting" }, stream);
  bar.draw({ ...state, done: 125, speed: "80", left: "1s", note: "epoch 1/2 · loss 2.5" });
  bar.close();
  const printed = String(stream.read());
  expect(printed).not.toContain("\u001b");
  expect(printed).toMatch(/50% · – left · – names\/s · starting\n/);
  expect(printed).toMatch(/62% · 1s left · 80 names\/s · epoch 1\/2 · loss 2.5\n/);
});
