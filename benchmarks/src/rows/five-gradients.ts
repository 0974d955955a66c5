import { autograd, nn, randn, type Tensor } from "kindling";
import { median } from "../measure.js";
import type { Group, Row } from "../row.js";

/*
 * Five gradients at once against five calls: one `autograd.grad` for five weights walks the graph once. Two deep nets; the five
 * weights are the first, the last, or spread over the depth.
 */

const rounds = 30;

const choices: Record<string, (depth: number) => number[]> = {
  first: () => [0, 1, 2, 3, 4],
  last: (depth) => [5, 4, 3, 2, 1].map((i) => depth - i),
  spread: (depth) => [0, 1, 2, 3, 4].map((i) => Math.floor((i * (depth - 1)) / 4)),
};

const row = (depth: number, width: number, batch: number, choice: string): Row => ({
  name: `five gradients, depth ${depth}, width ${width}, ${choice} layers`,
  unit: "times the cost in five calls",
  figure: (measured) => measured,
  better: "more",
  targets: { kindling: { pytorch: 1 } },
  prepare() {
    const layers = Array.from({ length: depth }, () => new nn.Linear(width, width));
    const weights = choices[choice](depth).map((i) => layers[i].weight);
    const x = randn(batch, width);
    const forward = (): Tensor => {
      const h = layers.reduce<Tensor>((out, layer) => layer.forward(out).tanh(), x);
      return h.mul(h).mean();
    };
    const time = (call: (loss: Tensor) => void): number => {
      const loss = forward();
      const start = performance.now();
      call(loss);
      return performance.now() - start;
    };
    return {
      measure() {
        const [once, five]: number[][] = [[], []];
        for (let round = 0; round < rounds + 5; round++) {
          once.push(time((loss) => autograd.grad(loss, weights)));
          five.push(time((loss) => weights.map((w) => autograd.grad(loss, [w], { retainGraph: true }))));
        }
        return median(five.slice(5)) / median(once.slice(5));
      },
    };
  },
});

export const fiveGradients: Group = {
  name: "five-gradients",
  rows: Object.keys(choices).flatMap((choice) => [row(20, 256, 64, choice), row(50, 64, 16, choice)]),
};
