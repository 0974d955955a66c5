import { autograd, nn, randn, type Tensor } from "kindling";
import { median, type Row } from "./measure.js";

/*
 * Five gradients at once against five calls: one `autograd.grad` for five weights walks the graph once. Two deep nets; the five
 * weights are the first, the last, or spread over the depth.
 */

const nets = [
  { depth: 20, width: 256, batch: 64 },
  { depth: 50, width: 64, batch: 16 },
];

const choices: Record<string, (depth: number) => number[]> = {
  first5: () => [0, 1, 2, 3, 4],
  last5: (depth) => [5, 4, 3, 2, 1].map((i) => depth - i),
  spread5: (depth) => [0, 1, 2, 3, 4].map((i) => Math.floor((i * (depth - 1)) / 4)),
};

export function fiveGradients(rounds = 30): Row[] {
  const rows: Row[] = [];
  for (const { depth, width, batch } of nets) {
    const layers = Array.from({ length: depth }, () => new nn.Linear(width, width));
    const x = randn(batch, width);
    const forward = (): Tensor => {
      const h = layers.reduce<Tensor>((out, layer) => layer.forward(out).tanh(), x);
      return h.mul(h).mean();
    };
    for (const [name, choose] of Object.entries(choices)) {
      const weights = choose(depth).map((i) => layers[i].weight);
      const once: number[] = [];
      const five: number[] = [];
      for (let round = 0; round < rounds + 5; round++) {
        let loss = forward();
        let start = performance.now();
        autograd.grad(loss, weights);
        once.push(performance.now() - start);
        loss = forward();
        start = performance.now();
        for (const w of weights) autograd.grad(loss, [w], { retainGraph: true });
        five.push(performance.now() - start);
      }
      const ratio = median(five.slice(5)) / median(once.slice(5));
      rows.push({ name: `grad5 depth ${depth} width ${width} ${name}`, value: ratio, unit: "five calls / one call" });
    }
  }
  return rows;
}
