import { manualSeed, ones, randn, type Tensor, zeros } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import * as nn from "../src/index.js";
import { decode, expectClose, expectExact, fixture, type Recorded, tensorsOf, weighted } from "./support.js";

const { parametrizations, parametrize } = nn.utils;

interface Case {
  readonly state: Record<string, Recorded>;
  readonly inputs: unknown[];
  readonly steps: { out: Recorded; grads: Record<string, Recorded> }[];
}

const recorded = fixture<Record<string, Case>>("parametrizations");

describe("parametrizations against PyTorch", () => {
  const makers: Record<string, () => nn.Module> = {
    weightNorm: () => parametrizations.weightNorm(new nn.Linear(5, 4)),
    "weightNorm dim 1": () => parametrizations.weightNorm(new nn.Linear(5, 4), { dim: 1 }),
    "weightNorm whole": () => parametrizations.weightNorm(new nn.Linear(5, 4), "weight", null),
    spectralNorm: () => parametrizations.spectralNorm(new nn.Linear(5, 4)),
    "spectralNorm bilinear": () =>
      parametrizations.spectralNorm(new nn.Bilinear(3, 2, 4), { nPowerIterations: 2, dim: 1 }),
  };

  it.each(Object.entries(makers))("%s", (name, make) => {
    const { state, inputs, steps } = recorded[name];
    manualSeed(0);
    const module = make();
    expect(Object.keys(module.stateDict())).toEqual(Object.keys(state));
    for (const [key, value] of Object.entries(state)) expectClose(module.stateDict()[key], value, key);
    const learned = module.stateDict();
    for (const [key, value] of Object.entries(state)) learned[key].copy_(decode(value) as Tensor);
    for (const [key, value] of Object.entries(state)) expectExact(module.stateDict()[key], value, key);
    module.double();
    steps.forEach(({ out: expected, grads }, step) => {
      module.train(step < 2);
      module.zeroGrad();
      const out = module.forward(...tensorsOf(decode(inputs)));
      expectClose(out, expected, `step ${step}`);
      weighted([out]).backward();
      for (const [key, p] of module.namedParameters()) expectClose(p.grad, grads[key], `step ${step}: ${key}`);
    });
  });
});

class Symmetric extends nn.Module {
  override forward(x: Tensor) {
    return x.triu().add(x.triu(1).T);
  }
  rightInverse(x: Tensor) {
    return x.triu();
  }
}

class Doubled extends nn.Module {
  override forward(x: Tensor) {
    return x.mul(2);
  }
  rightInverse(x: Tensor) {
    return x.div(2);
  }
}

describe("parametrize", () => {
  it("computes a parameter, sets it by the inverse, and takes itself away", () => {
    const layer = new nn.Linear(3, 3);
    const before = layer.weight.detach().clone();
    expect(parametrize.registerParametrization(layer, "weight", new Symmetric())).toBe(layer);
    expect(layer).toBeInstanceOf(nn.Linear);
    expect(parametrize.isParametrized(layer)).toBe(true);
    expect(parametrize.isParametrized(layer, "bias")).toBe(false);
    expect(layer.weight.equal(layer.weight.T)).toBe(true);
    expect(layer.weight.triu().equal(before.triu())).toBe(true);
    expect(layer.namedParameters().map(([name]) => name)).toEqual(["bias", "parametrizations.weight.original"]);
    layer.weight = ones(3, 3) as nn.Parameter;
    expect(layer.weight.equal(ones(3, 3))).toBe(true);
    layer.forward(randn(2, 3)).sum().backward();
    expect(layer.parameters().every((p) => p.grad !== null)).toBe(true);
    parametrize.removeParametrizations(layer, "weight");
    expect(parametrize.isParametrized(layer)).toBe(false);
    expect(layer.constructor).toBe(nn.Linear);
    expect(Object.keys(layer.stateDict())).toEqual(["bias", "weight"]);
    expect(layer.weight.equal(ones(3, 3))).toBe(true);
  });

  it("applies several in turn, on one module alone", () => {
    const [layer, other] = [new nn.Linear(3, 3), new nn.Linear(3, 3)];
    parametrize.registerParametrization(layer, "weight", new Symmetric());
    const value = layer.weight.detach();
    parametrize.registerParametrization(layer, "weight", new Doubled());
    expect(layer.weight.allclose(value)).toBe(false);
    layer.weight = zeros(3, 3).add(4) as nn.Parameter;
    expect(layer.weight.equal(zeros(3, 3).add(4))).toBe(true);
    parametrize.registerParametrization(layer, "bias", new Doubled());
    expect(layer.toString().split("\n")[0]).toBe("ParametrizedLinear(");
    expect(parametrize.isParametrized(other)).toBe(false);
    const copy = nn.deepcopy(layer);
    expect(copy.weight.equal(layer.weight)).toBe(true);
    copy.weight = ones(3, 3) as nn.Parameter;
    expect(layer.weight.at(0, 0).item()).toBe(4);
    expect(parametrize.removeParametrizations(layer, "weight", false).weight.at(0, 0).item()).toBe(2);
  });

  it("spectralNorm goes by the outputs of a transposed convolution, whatever its class is called", () => {
    class t extends nn.ConvTranspose2d {}
    const withBias = parametrizations.weightNorm(new nn.ConvTranspose2d(3, 5, 2), "bias", null); // has a class of its own by now
    for (const layer of [new nn.ConvTranspose2d(3, 5, 2), new t(3, 5, 2), withBias]) {
      const u = parametrizations.spectralNorm(layer).stateDict()["parametrizations.weight.0._u"];
      expect(u.shape).toEqual([5]);
    }
  });

  it("refuses what it cannot do", () => {
    class Wider extends nn.Module {
      override forward(x: Tensor) {
        return x.expand(2, 3);
      }
    }
    const layer = new nn.Linear(3, 3);
    expect(() => parametrize.registerParametrization(layer, "weights", new Doubled())).toThrow(
      "Module 'Linear' does not have a parameter, a buffer, or a parametrized element with name 'weights'",
    );
    expect(() => parametrize.registerParametrization(layer, "bias", new Wider())).toThrow(
      "Registering a parametrization may not change the shape or the dtype of the tensor",
    );
    expect(parametrize.isParametrized(layer)).toBe(false);
    expect(() => parametrize.removeParametrizations(layer, "bias")).toThrow(
      "Module Linear does not have a parametrization on bias",
    );
    parametrizations.weightNorm(layer);
    expect(() => parametrize.removeParametrizations(layer, "weight", { leaveParametrized: false })).toThrow(
      "Cannot leave unparametrized",
    );
    expect(() => parametrizations.spectralNorm(layer, { nPowerIterations: 0 })).toThrow("to be positive");
    expect(() => parametrizations.spectralNorm(layer, "kernel")).toThrow("no parameter or buffer with name 'kernel'");
  });
});
