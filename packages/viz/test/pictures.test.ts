import { manualSeed, rand } from "@kindling/autograd";
import { expect, it } from "vitest";
import { graph } from "../src/index.js";

/* The README's pictures are what its code draws: `npx vitest run -u` draws them anew. */

it("graph.svg", async () => {
  manualSeed(0);
  const x = rand(2, 3);
  const w = rand(3, 3).requiresGrad_();
  const b = rand(3).requiresGrad_();
  const h = x.matmul(w).add(b).tanh();
  const loss = h.matmul(w).add(b).tanh().sum();
  await expect(await graph(loss, { names: { w, b, h, loss } })).toMatchFileSnapshot("../images/graph.svg");
});
