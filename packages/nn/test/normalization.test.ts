import { arange, ones, randn, tensor } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import * as nn from "../src/index.js";

const { functional: F } = nn;

describe("normalisation", () => {
  it("groupNorm with one group is layerNorm over all but the batch", () => {
    const x = randn(3, 4, 5, { dtype: "float64" });
    expect(F.groupNorm(x, 1).allclose(F.layerNorm(x, [4, 5]))).toBe(true);
  });

  it("groupNorm with a group for each channel is instanceNorm", () => {
    const [x, w, b] = [
      randn(3, 4, 5, { dtype: "float64" }),
      randn(4, { dtype: "float64" }),
      randn(4, { dtype: "float64" }),
    ];
    expect(F.groupNorm(x, 4, w, b).allclose(F.instanceNorm(x, { weight: w, bias: b }))).toBe(true);
  });

  it("instanceNorm tracks the mean of the samples' statistics", () => {
    const norm = new nn.InstanceNorm1d(2, { trackRunningStats: true, momentum: 0.5 });
    const x = arange(12, { dtype: "float32" }).reshape(2, 2, 3);
    norm.forward(x);
    // means 1, 4 and 7, 10; variances 1
    expect(norm.running_mean?.tolist()).toEqual([2, 3.5]);
    expect(norm.running_var?.tolist()).toEqual([1, 1]);
    norm.eval();
    const [mean, variance] = [norm.running_mean as nn.Buffer, norm.running_var as nn.Buffer];
    const expected = F.batchNorm(x, mean, variance);
    expect(norm.forward(x).tolist()).toEqual(expected.tolist());
    expect(norm.forward(x.at(0)).tolist()).toEqual(expected.at(0).tolist());
  });

  it("rmsNorm divides by the root of the mean square", () => {
    const norm = new nn.RMSNorm([2]);
    norm.weight?.data.fill_(2);
    const y = norm.forward(tensor([[3, 4]]));
    const root = Math.sqrt(12.5);
    expect(y.allclose(tensor([[6 / root, 8 / root]]))).toBe(true);
    expect(F.rmsNorm(tensor([[3, 4]]), [2], { eps: 3.5 }).allclose(tensor([[0.75, 1]]))).toBe(true);
  });

  it("takes a state that does not tell how many batches there were, and starts to count", () => {
    const norm = new nn.BatchNorm2d(2);
    norm.forward(randn(2, 2, 3, 3));
    const { num_batches_tracked, ...old } = new nn.BatchNorm2d(2).stateDict();
    expect(norm.loadStateDict(old)).toEqual({ missingKeys: [], unexpectedKeys: [] });
    expect([num_batches_tracked.item(), norm.num_batches_tracked?.item()]).toEqual([0, 0]); // PyTorch 1.13.1: 0
    const { running_mean: _, ...less } = old;
    expect(() => norm.loadStateDict(less)).toThrow('Missing key(s) in stateDict: "running_mean"');
  });

  it("prints settings as PyTorch does", () => {
    expect(`${new nn.GroupNorm(2, 4)}`).toBe("GroupNorm(2, 4, eps=1e-05, affine=true)");
    expect(`${new nn.InstanceNorm2d(4)}`).toBe(
      "InstanceNorm2d(4, eps=1e-05, momentum=0.1, affine=false, trackRunningStats=false)",
    );
    expect(`${new nn.RMSNorm(4)}`).toBe("RMSNorm((4,), eps=null, elementwiseAffine=true)");
    expect(Object.keys(new nn.LayerNorm(4, { bias: false }).stateDict())).toEqual(["weight"]);
  });

  it("refuses what does not fit", () => {
    expect(() => new nn.GroupNorm(3, 4)).toThrow("numChannels must be divisible by numGroups");
    expect(() => F.groupNorm(ones(2, 4), 3)).toThrow(
      "Expected number of channels in input to be divisible by numGroups, but got input of shape [2, 4] and numGroups=3",
    );
    expect(() => F.groupNorm(ones(2, 4), 2, ones(3))).toThrow("Expected weight to be a vector of size equal to");
    expect(() => F.instanceNorm(ones(2, 4, 1))).toThrow(
      "Expected more than 1 spatial element when training, got input size [2, 4, 1]",
    );
    expect(() => F.instanceNorm(ones(2, 4, 3), { useInputStats: false })).toThrow(
      "Expected runningMean and runningVar to be defined",
    );
    expect(() => new nn.InstanceNorm2d(4).forward(ones(2, 4))).toThrow("expected 3D or 4D input (got 2D input)");
    expect(() => F.rmsNorm(ones(2, 4), [3])).toThrow("Given normalizedShape=[3]");
  });
});
