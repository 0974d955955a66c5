import { Generator, rand, type Tensor } from "@kindling/autograd";
import { Linear, Module, MSELoss } from "@kindling/nn";
import { SGD } from "@kindling/optim";
import { expect } from "vitest";
import type { Place, Point } from "./place.js";

/** The middle layer is used 0 to 3 times, at random. */
class DynamicNet extends Module {
  readonly input: Linear;
  readonly middle: Linear;
  readonly output: Linear;
  uses = 0;
  readonly #draw: Generator;

  constructor(at: Place) {
    super();
    this.input = filled(at, 6, 8, 1);
    this.middle = filled(at, 8, 8, 2);
    this.output = filled(at, 8, 2, 3);
    this.#draw = new Generator().manualSeed(11);
  }

  override forward(x: Tensor): Tensor {
    let h = this.input.forward(x).clamp({ min: 0 });
    this.uses = Math.floor(rand(1, { generator: this.#draw }).item() * 4);
    for (let i = 0; i < this.uses; i++) h = this.middle.forward(h).clamp({ min: 0 });
    return this.output.forward(h);
  }
}

/** Uniform numbers in [−0.5, 0.5), drawn on the host. */
const drawn = (at: Place, shape: number[], seed: number): Tensor =>
  rand(shape, { generator: new Generator().manualSeed(seed) })
    .sub(0.5)
    .to(at.dtype)
    .to(at.device);

function filled(at: Place, inputs: number, outputs: number, seed: number): Linear {
  const linear = new Linear(inputs, outputs, at.options);
  linear.weight.data.copy_(drawn(at, [outputs, inputs], seed));
  linear.bias?.data.copy_(drawn(at, [outputs], seed + 100));
  return linear;
}

const steps = 100;

async function train(at: Place): Promise<{ losses: number[]; uses: number[] }> {
  const net = new DynamicNet(at);
  const optimizer = new SGD(net.parameters(), { lr: 0.05, momentum: 0.8 });
  const x = drawn(at, [16, 6], 20).mul(3);
  const y = x.matmul(drawn(at, [6, 2], 21));
  const criterion = new MSELoss();
  const losses: number[] = [];
  const uses: number[] = [];
  for (let i = 0; i < steps; i++) {
    const loss = criterion.forward(net.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    losses.push(...(await at.read(loss)));
    uses.push(net.uses);
  }
  return { losses, uses };
}

export const dynamicGraphs: Point = {
  "DynamicNet trains, whatever the number of layers": async (at) => {
    const { losses, uses } = await train(at);
    expect([...new Set(uses)].sort()).toEqual([0, 1, 2, 3]);
    const mean = (part: number[]): number => part.reduce((a, b) => a + b) / part.length;
    expect(mean(losses.slice(-10))).toBeLessThan(0.5 * mean(losses.slice(0, 10)));
    expect((await train(at)).losses).toEqual(losses);
  },

  "a layer that is not used gets no gradient, one that is used gets the sum": async (at) => {
    const net = new DynamicNet(at);
    const x = drawn(at, [4, 6], 30);
    const seen = new Set<number>();
    while (seen.size < 4) {
      net.zeroGrad();
      net.forward(x).sum().backward();
      seen.add(net.uses);
      expect(net.middle.weight.grad === null).toBe(net.uses === 0);
      expect(net.input.weight.grad).not.toBeNull();
    }
  },

  "backward leaves every weight unchanged; the step changes it by its gradient": async (at) => {
    const net = new DynamicNet(at);
    const optimizer = new SGD(net.parameters(), { lr: 0.5 });
    const before = net.parameters().map((p) => p.detach().clone());
    const versions = net.parameters().map((p) => p.version);
    do {
      net.zeroGrad();
      net
        .forward(drawn(at, [4, 6], 31))
        .pow(2)
        .mean()
        .backward();
    } while (net.uses === 0);
    for (const [i, p] of net.parameters().entries()) {
      expect(await at.read(p)).toEqual(await at.read(before[i]));
      expect(p.version).toBe(versions[i]);
    }
    optimizer.step();
    for (const [i, p] of net.parameters().entries()) {
      await at.same(p, before[i].sub((p.grad as Tensor).mul(0.5)));
      expect(p.isLeaf && p.requiresGrad).toBe(true);
    }
  },
};
