import { randn, tensor } from "@kindling/autograd";
import * as nn from "@kindling/nn";
import { describe, expect, it } from "vitest";
import { initWebGpu } from "../src/adapter.js";

const F = nn.functional;
const missing = await initWebGpu();

/** The device cannot look at indices before it uses them: what they name is then not a number, never a silent zero. */
describe.skipIf(missing)(`indices out of range on webgpu${missing ? ` (skipped: ${missing})` : ""}`, () => {
  const here = (values: number[]) => tensor(values, { dtype: "int32" }).to("webgpu");

  it("a class that does not exist has the loss NaN", async () => {
    const x = randn([3, 4]).to("webgpu");
    const losses = await F.crossEntropy(x, here([1, 4, 0]), { reduction: "none" }).cpu();
    expect((losses.tolist() as number[]).map(Number.isNaN)).toEqual([false, true, false]);
    expect((await F.crossEntropy(x, here([1, -1, 0])).cpu()).item()).toBeNaN();
  });

  it("a row that does not exist is NaN, and gets no gradient", async () => {
    const table = randn([3, 2]).to("webgpu").requiresGrad_();
    const rows = F.embedding(here([2, 3, 2]), table);
    const values = (await rows.detach().cpu()).tolist() as number[][];
    expect(values.map((row) => row.map(Number.isNaN))).toEqual([
      [false, false],
      [true, true],
      [false, false],
    ]);
    rows.sum().backward();
    expect((await (table.grad as typeof table).cpu()).tolist()).toEqual([
      [0, 0],
      [0, 0],
      [2, 2],
    ]);
  });
});
