import { arange, manualSeed, rand, stack } from "@kindling/autograd";
import { expect, it } from "vitest";
import { confusionChart, curveChart, graph, imageGrid } from "../src/index.js";

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

it("curves.svg", async () => {
  const training = Array.from({ length: 40 }, (_, i) => ({ x: (i + 1) / 4, y: 2.9 * Math.exp(-i / 14) + 0.5 }));
  const test = Array.from({ length: 10 }, (_, i) => ({ x: i + 1, y: 2.4 * Math.exp(-i / 3) + 0.75 }));
  await expect(curveChart({ training, test }, { x: "epoch", y: "loss" })).toMatchFileSnapshot("../images/curves.svg");
});

it("confusion.svg", async () => {
  const counts = [
    [52, 3, 1, 2],
    [6, 31, 4, 0],
    [2, 9, 14, 1],
    [8, 0, 1, 3],
  ];
  const svg = confusionChart(counts, ["Czech", "Polish", "Slovak", "Greek"]);
  await expect(svg).toMatchFileSnapshot("../images/confusion.svg");
});

it("images.svg", async () => {
  const [rows, columns] = [arange(8).reshape(8, 1), arange(8)];
  const waves = [1, 2, 3, 4].map((k) => rows.mul(k).sin().mul(columns.mul(k).cos()).mul(0.5).add(0.5));
  const svg = imageGrid(stack(waves).unsqueeze(1), { labels: ["1", "2", "3", "4"] });
  await expect(svg).toMatchFileSnapshot("../images/images.svg");
});
