import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { manualSeed, randn, tensor } from "@kindling/autograd";
import * as nn from "@kindling/nn";
import * as optim from "@kindling/optim";
import { beforeEach, describe, expect, it } from "vitest";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const clock = new Int32Array(new SharedArrayBuffer(4));

/** Bytes that are still reachable. */
function live(): number {
  for (let i = 0; i < 3; i++) {
    collect();
    Atomics.wait(clock, 0, 0, 10); // buffers are freed on another thread
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/**
 * How many bytes more are reachable after `steps` further steps of a synchronous loop: of several rounds the one in the middle,
 * since compiled code and the runner come and go as well, while what is kept is kept in every round.
 */
function growth(step: (i: number) => void, steps: number): number {
  for (let i = 0; i < 500; i++) step(i);
  const rounds = Array.from({ length: 5 }, () => {
    const before = live();
    for (let i = 0; i < steps; i++) step(i);
    return live() - before;
  });
  return rounds.sort((a, b) => a - b)[2];
}

/** Less than a tensor with its place in the graph for each step. */
const ALLOWED = 250_000;

beforeEach(() => {
  manualSeed(0);
});

describe("a long synchronous loop keeps nothing", () => {
  it("training a small net", () => {
    const net = new nn.Sequential(new nn.Linear(16, 32), new nn.Tanh(), new nn.Linear(32, 4));
    const optimizer = new optim.Adam(net.parameters());
    const [x, y] = [randn(8, 16), randn(8, 4)];
    const step = (): void => {
      optimizer.zeroGrad();
      nn.functional.mseLoss(net.forward(x), y).backward();
      optimizer.step();
    };
    expect(growth(step, 500)).toBeLessThan(ALLOWED);
  });

  it("training an LSTM on sequences of varying length", () => {
    const net = new nn.LSTM(12, 24);
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.01 });
    const step = (i: number): void => {
      optimizer.zeroGrad();
      const [out] = net.forward(randn(3 + ((i * 7) % 11), 2, 12));
      out.square().mean().backward();
      optimizer.step();
    };
    expect(growth(step, 200)).toBeLessThan(ALLOWED);
  });

  it("views, in-place writes and second derivatives", () => {
    const base = randn(4, 6);
    const weight = randn(6).requiresGrad_();
    const step = (): void => {
      weight.grad = null;
      const x = base.mul(weight);
      x.at(0).mul_(2);
      x.t().at("1:3").add_(1);
      const loss = x.tanh().sum();
      loss.backward({ createGraph: true });
      (weight.grad as unknown as typeof x).square().sum().backward();
      weight.data.sub_(tensor(0.001));
      weight.grad = null;
    };
    expect(growth(step, 500)).toBeLessThan(ALLOWED);
  });
});
