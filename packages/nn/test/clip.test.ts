import { ones, type Tensor, tensor } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import { Linear, Parameter, utils } from "../src/index.js";
import { expectClose, fixture, type Recorded } from "./support.js";

const recorded = fixture<{
  clipNorm: Record<string, { total: number; grads: Recorded[] }>;
  clipValue: Recorded;
}>("sequences");

const { clipGradNorm_, clipGradValue_ } = utils;

/** A parameter with three times itself for a gradient. */
function parameter(...shape: number[]): Parameter {
  const n = shape.reduce((a, b) => a * b, 1);
  const data = tensor(
    Array.from({ length: n }, (_, i) => Math.sin((i + 1) * 1.7) * 2),
    { dtype: "float64" },
  ).reshape(shape);
  const p = new Parameter(data);
  p.grad = data.mul(3);
  return p;
}

describe("clipping of gradients against PyTorch", () => {
  it.each(Object.entries(recorded.clipNorm))("norm %s", (name, { total, grads }) => {
    const [maxNorm, normType] = name.split(" ").map((x) => (x === "inf" ? Number.POSITIVE_INFINITY : Number(x)));
    const parameters = [parameter(2, 3), parameter(4)];
    const norm = clipGradNorm_(parameters, maxNorm, normType);
    expect(norm.item()).toBeCloseTo(total, 10);
    parameters.forEach((p, i) => {
      expectClose(p.grad, grads[i]);
    });
  });

  it("values", () => {
    const p = parameter(6);
    clipGradValue_(p, 2.5);
    expectClose(p.grad, recorded.clipValue);
  });
});

describe("clipping of gradients", () => {
  it("passes over parameters without a gradient", () => {
    expect(clipGradNorm_([new Parameter(ones(2))], 1).item()).toBe(0);
    clipGradValue_([new Parameter(ones(2))], 1);
  });

  it("says where the norm is not finite, if asked", () => {
    const p = new Parameter(ones(1));
    p.grad = tensor([Number.NaN]);
    expect(() => clipGradNorm_(p as Tensor, 1, { errorIfNonfinite: true })).toThrow(
      "The total norm of order 2 for gradients from `parameters` is non-finite, so it cannot be clipped.",
    );
    expect(clipGradNorm_([p], 1).item()).toBeNaN();
  });
});

describe("parameters in one row", () => {
  it("and back", () => {
    const layer = new Linear(2, 2);
    const row = utils.parametersToVector(layer.parameters());
    expect(row.shape).toEqual([6]);
    utils.vectorToParameters(row.detach().mul(2), layer.parameters());
    expect(utils.parametersToVector(layer.parameters()).tolist()).toEqual(row.mul(2).tolist());
    expect(() => utils.vectorToParameters([1] as never, layer.parameters())).toThrow(
      "expected Tensor, but got: object",
    );
  });
});
