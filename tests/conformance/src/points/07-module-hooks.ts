import type { Tensor } from "@kindling/autograd";
import { Linear, Module } from "@kindling/nn";
import { expect } from "vitest";
import { type Place, type Point, thrown } from "./place.js";

function linear(at: Place): Linear {
  const layer = new Linear(2, 2, { bias: false, ...at.options });
  layer.weight.data.copy_(
    at.tensor([
      [1, 2],
      [3, 4],
    ]),
  );
  return layer;
}

class Sum extends Module {
  readonly layer: Linear;
  constructor(at: Place) {
    super();
    this.layer = linear(at);
  }
  override forward(x: Tensor, factor: number): Tensor {
    return this.layer.forward(x).mul(factor);
  }
}

export const moduleHooks: Point = {
  "module hooks around forward": async (at) => {
    const layer = linear(at);
    const seen: string[] = [];
    const pre = layer.registerForwardPreHook((module, args) => {
      seen.push(`pre ${module === layer} ${args.length}`);
      return [(args[0] as Tensor).mul(2)];
    });
    const post = layer.registerForwardHook((module, args, output) => {
      seen.push(`post ${module === layer} ${args.length}`);
      return (output as Tensor).add(1);
    });
    const x = at.tensor([1, 1]);
    await at.close(layer.forward(x), [7, 15]);
    expect(seen).toEqual(["pre true 1", "post true 1"]);
    pre.remove();
    await at.close(layer.forward(x), [4, 8]);
    post.remove();
    await at.close(layer.forward(x), [3, 7]);
    expect(seen).toHaveLength(3);
  },

  "full backward hooks see and replace the gradients of a module's inputs": async (at) => {
    const module = new Sum(at);
    const seen: (Tensor | null)[][] = [];
    const handle = module.registerFullBackwardHook((m, gradInput, gradOutput) => {
      expect(m).toBe(module);
      seen.push([...gradInput], [...gradOutput]);
      return [(gradInput[0] as Tensor).mul(10), null];
    });
    const x = at.leaf([1, 1]);
    module.forward(x, 2).sum().backward();
    expect(seen.map((g) => g.map((t) => t === null))).toEqual([[false, true], [false]]);
    await at.close(seen[0][0], [8, 12]);
    await at.close(seen[1][0], [1, 1]);
    await at.close(x.grad, [80, 120]);
    await at.close(module.layer.weight.grad, [2, 2, 2, 2]);
    handle.remove();
    x.grad = null;
    module.forward(x, 2).sum().backward();
    await at.close(x.grad, [8, 12]);
    expect(seen).toHaveLength(2);
  },

  "a full backward hook may return the bare gradient of a single input": async (at) => {
    const layer = linear(at);
    const handle = layer.registerFullBackwardHook((_, gradInput) => (gradInput[0] as Tensor).mul(3));
    const x = at.leaf([1, 1]);
    layer.forward(x).sum().backward();
    await at.close(x.grad, [12, 18]);
    handle.remove();
    const pair = new Sum(at);
    pair.registerFullBackwardHook((_, gradInput) => gradInput[0] as Tensor);
    expect(thrown(() => pair.forward(x, 2).sum().backward()).message).toBe(
      "Backward hook returned an invalid number of gradInput, got 1, but expected 2",
    );
  },
};
