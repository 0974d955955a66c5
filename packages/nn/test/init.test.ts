import { empty, manualSeed, ones, type Tensor } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import * as nn from "../src/index.js";
import { camel, decodeOptions, expectClose, expectExact, fixture, type Recorded } from "./support.js";

const recorded = fixture<{
  init: { name: string; args: number[]; kwargs: Record<string, unknown>; value: Recorded }[];
  gains: Record<string, number>;
}>("sequences");

// biome-ignore lint/suspicious/noExplicitAny: functions are named by data
const functions = nn.init as any;

describe("initialisation against PyTorch", () => {
  it.each(recorded.init.map((c) => [c.name, c] as const))("%s", (name, { args, kwargs, value }) => {
    manualSeed(0);
    const t = empty(value.shape);
    const options = Object.keys(kwargs).length > 0 ? [decodeOptions(kwargs)] : [];
    expect(functions[camel(name)](t, ...args, ...options)).toBe(t);
    // PyTorch inverts the distribution function, and factorises, in float32
    if (name === "trunc_normal_" || name === "orthogonal_") expectClose(t, value);
    else expectExact(t, value);
  });

  it("calculateGain", () => {
    for (const [name, gain] of Object.entries(recorded.gains)) expect(nn.init.calculateGain(name)).toBe(gain);
    expect(nn.init.calculateGain("leaky_relu", 1)).toBe(1);
  });
});

describe("initialisation", () => {
  it("leaves no trace in the graph", () => {
    const p = new nn.Parameter(ones(2, 2));
    nn.init.normal_(p);
    nn.init.eye_(p);
    expect(p.isLeaf && p.requiresGrad).toBe(true);
    expect(p.tolist()).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  it("draws from a generator that is given", () => {
    const generator = manualSeed(3);
    const a = nn.init.uniform_(empty(4), { generator }).tolist();
    manualSeed(3);
    expect(nn.init.uniform_(empty(4), 0, 1).tolist()).toEqual(a);
  });

  it("refuses what PyTorch refuses", () => {
    const vector: Tensor = empty(3);
    expect(() => nn.init.xavierUniform_(vector)).toThrow(
      "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
    );
    expect(() => nn.init.eye_(vector)).toThrow("Only tensors with 2 dimensions are supported");
    expect(() => nn.init.calculateGain("sine")).toThrow("Unsupported nonlinearity sine");
    expect(() => nn.init.kaimingNormal_(ones(2, 2), { mode: "fan" as "fan_in" })).toThrow("Mode fan not supported");
    expect(nn.init.kaimingUniform_(empty(0, 3)).shape).toEqual([0, 3]);
    expect(() => nn.init.orthogonal_(vector)).toThrow("Only tensors with 2 or more dimensions are supported");
    expect(() => nn.init.sparse_(vector, 0.1)).toThrow("Only tensors with 2 dimensions are supported");
    expect(() => nn.init.dirac_(vector)).toThrow("Only tensors with 3, 4, or 5 dimensions are supported");
    expect(() => nn.init.dirac_(empty(3, 3, 3), 2)).toThrow("dim 0 must be divisible by groups");
  });

  it("truncNormal_ keeps to its bounds, far ones as well", () => {
    manualSeed(0);
    const values = nn.init.truncNormal_(empty(2000), { std: 3, a: -1, b: 1 });
    expect(values.max().item()).toBeLessThanOrEqual(1);
    expect(values.min().item()).toBeGreaterThanOrEqual(-1);
    const wide = nn.init.truncNormal_(empty(2000), { a: -100, b: 100 });
    expect(wide.isfinite().all().item()).toBe(true);
    expect(wide.std().item()).toBeCloseTo(1, 1);
  });
});
