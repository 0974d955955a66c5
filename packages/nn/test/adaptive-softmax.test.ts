import { ones, randn, tensor } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import * as nn from "../src/index.js";

describe("AdaptiveLogSoftmaxWithLoss", () => {
  const softmax = new nn.AdaptiveLogSoftmaxWithLoss(8, 10, [2, 5], { divValue: 2 });
  const target = tensor([0, 3, 9, 4], { dtype: "int32" });

  it("gives each target's entry of a distribution over all classes", () => {
    const x = randn(4, 8);
    const all = softmax.logProb(x);
    expect(all.exp().sum(1).allclose(ones(4))).toBe(true);
    const [output, loss] = softmax.forward(x, target);
    expect(output.allclose(all.gather(1, target.unsqueeze(1)).squeeze(1))).toBe(true);
    expect(loss.item()).toBeCloseTo(-output.mean().item(), 6);
    expect(softmax.predict(x).tolist()).toEqual(all.argmax(1).tolist());
  });

  it("refuses what does not fit", () => {
    expect(() => new nn.AdaptiveLogSoftmaxWithLoss(8, 10, [5, 2])).toThrow("sorted in an increasing order");
    expect(() => softmax.forward(randn(3, 8), target)).toThrow("same size in the batch dimension");
    expect(() => softmax.forward(randn(4, 8), target.add(3))).toThrow(
      "Target values should be in [0, 9], but values in range [3, 12] were found.",
    );
    expect(() => softmax.forward(randn(4, 8), target.unsqueeze(0))).toThrow("multi-target not supported");
  });
});

describe("Flatten and Unflatten", () => {
  it("print their settings", () => {
    expect(`${new nn.Flatten()} ${new nn.Unflatten(1, [2, -1])}`).toBe(
      "Flatten(startDim=1, endDim=-1) Unflatten(dim=1, unflattenedSize=(2, -1))",
    );
  });
});
