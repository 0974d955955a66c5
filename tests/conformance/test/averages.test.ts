import { manualSeed, ones, randn, type Tensor, tensor } from "@kindling/autograd";
import * as data from "@kindling/data";
import * as nn from "@kindling/nn";
import { SGD, swaUtils } from "@kindling/optim";
import { describe, expect, expectTypeOf, it } from "vitest";

const { AveragedModel, getEmaAvgFn, updateBn } = swaUtils;

/** The averaged weight after each of some values of the model's. */
function averages(values: readonly number[], options: object): number[] {
  const model = new nn.Linear(1, 1, { bias: false, dtype: "float64" });
  const averaged = new AveragedModel(model, options);
  return values.map((value) => {
    model.weight.data.fill_(value);
    averaged.updateParameters(model);
    return averaged.module.weight.item();
  });
}

const close = (actual: readonly number[], expected: readonly number[]): void =>
  actual.forEach((x, i) => {
    expect(x).toBeCloseTo(expected[i], 12);
  });

describe("AveragedModel", () => {
  it("takes the mean of all models, or a moving one", () => {
    close(averages([1, 2, 4, -3], {}), [1, 1.5, 7 / 3, 1]);
    close(averages([1, 2, 4, -3], { avgFn: getEmaAvgFn(0.9) }), [1, 1.1, 1.39, 0.951]);
    close(averages([1, 2], { avgFn: (a: Tensor, b: Tensor, n: number) => a.mul(10).add(b).add(n) }), [1, 13]);
    expect(() => getEmaAvgFn(2)).toThrow("Invalid decay value 2 provided. Please provide a value in [0,1] range.");
    expect(() => new AveragedModel({} as nn.Module)).toThrow("AveragedModel takes an nn.Module");
  });

  it("leaves the model alone, and computes with the averages", () => {
    manualSeed(0);
    const net = new nn.Sequential(new nn.Linear(2, 3), new nn.BatchNorm1d(3), new nn.Linear(3, 1));
    const ema = new AveragedModel(net, { avgFn: getEmaAvgFn(0.5) });
    expectTypeOf(ema.module).toEqualTypeOf<nn.Sequential>();
    const optimizer = new SGD(net.parameters(), 0.1);
    for (let step = 0; step < 3; step++) {
      optimizer.zeroGrad();
      net.forward(randn(4, 2)).square().mean().backward();
      optimizer.step();
      ema.updateParameters(net);
    }
    expect(ema.n_averaged.item()).toBe(3);
    // buffers are the model's, as in PyTorch 2
    expect((ema.module[1] as nn.BatchNorm1d).running_mean?.tolist()).toEqual(
      (net[1] as nn.BatchNorm1d).running_mean?.tolist(),
    );
    expect(ema.parameters()[0].tolist()).not.toEqual(net.parameters()[0].tolist());
    expect(ema.eval().training).toBe(false);
    expect(net.training).toBe(true);
    const x = randn(4, 2);
    expect(ema.forward(x).tolist()).toEqual(ema.module.forward(x).tolist());
    expect(() => ema.updateParameters(new nn.Linear(1, 1) as never)).toThrow("expected a model with 6 tensors");
  });

  it("averages buffers if told to", () => {
    const norm = new nn.BatchNorm1d(1);
    const averaged = new AveragedModel(norm, { useBuffers: true });
    for (const mean of [2, 4]) {
      norm.running_mean?.fill_(mean);
      averaged.updateParameters(norm);
    }
    expect(averaged.module.running_mean?.tolist()).toEqual([3]);
  });

  it("has PyTorch's state dict, and reports what does not fit", () => {
    const averaged = new AveragedModel(new nn.Linear(1, 1));
    averaged.updateParameters(new nn.Linear(1, 1));
    const state = averaged.stateDict();
    expect(Object.keys(state)).toEqual(["n_averaged", "module.weight", "module.bias"]);
    const other = new AveragedModel(new nn.Linear(1, 1));
    other.loadStateDict(state);
    expect(other.n_averaged.item()).toBe(1);
    expect(other.module.weight.item()).toBe(averaged.module.weight.item());
    expect(() => other.loadStateDict({ "module.weight": ones(1, 1), weight: ones(1, 1) })).toThrow(
      'Error(s) in loading stateDict for AveragedModel:\n\tMissing key(s) in stateDict: "n_averaged", "module.bias". \n\tUnexpected key(s) in stateDict: "weight". ',
    );
  });
});

describe("updateBn", () => {
  it("takes the statistics of the data, and leaves everything else as it was", async () => {
    const norm = new nn.BatchNorm1d(1);
    const net = new nn.Sequential(norm).eval();
    norm.running_mean?.fill_(9);
    const batches = [tensor([[1], [3]]), tensor([[5], [9]])];
    await updateBn(batches, net);
    expect(norm.running_mean?.item()).toBe(4.5);
    expect(norm.running_var?.item()).toBe(5);
    expect(norm.num_batches_tracked?.item()).toBe(2);
    expect([norm.momentum, net.training]).toEqual([0.1, false]);
    await updateBn(
      new data.DataLoader(new data.TensorDataset(tensor([[2], [4]]), ones(2)), 2),
      new AveragedModel(net).module,
    );
    await updateBn(new data.DataLoader(new data.TensorDataset(tensor([[2], [4]]), ones(2)), 2), net);
    expect(norm.running_mean?.item()).toBe(3);
    await updateBn([ones(1)], new nn.Linear(1, 1));
  });
});
