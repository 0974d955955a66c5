import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AutogradError, autograd, type Tensor, tensor } from "../src/index.js";

const { functional } = autograd;
const DOUBLE = { dtype: "float64" } as const;
const x = tensor([0.5, -1.25, 2], DOUBLE);
const y = tensor(
  [
    [1.5, 0.25, -0.75],
    [0.5, 2, 1],
  ],
  DOUBLE,
);
const v = tensor([1, -2, 0.5], DOUBLE);
const w = tensor(
  [
    [0.5, 1, -1],
    [2, 0, 1],
  ],
  DOUBLE,
);
const u = tensor([3, -1], DOUBLE);

const one = (a: Tensor) => a.exp().mul(a).cumsum(0);
const two = (a: Tensor, b: Tensor) => [b.mul(a).sum(1), a.sin()];
const scalar = (a: Tensor, b: Tensor) => a.exp().mul(b.pow(2)).sum();

type Recorded = { shape: number[]; data: number[] } | Recorded[];
const recorded = JSON.parse(readFileSync(new URL("./fixtures/functional.json", import.meta.url), "utf8")) as Record<
  string,
  Recorded
>;

function expectRecorded(ours: unknown, theirs: Recorded): void {
  if (Array.isArray(theirs)) {
    expect(ours).toHaveLength(theirs.length);
    theirs.forEach((t, i) => {
      expectRecorded((ours as unknown[])[i], t);
    });
    return;
  }
  const t = ours as Tensor;
  expect(t.shape).toEqual(theirs.shape);
  expect(t.requiresGrad).toBe(false);
  Array.from(t.toTypedArray(), Number).forEach((value, i) => {
    expect(value).toBeCloseTo(theirs.data[i], 12);
  });
}

describe("autograd.functional against PyTorch", () => {
  const cases: Record<string, () => unknown> = {
    "jacobian one": () => functional.jacobian(one, x),
    "jacobian two": () => functional.jacobian(two, [x, y]),
    hessian: () => functional.hessian(scalar, [x, y]),
    vjp: () => functional.vjp(two, [x, y], [u, v]),
    jvp: () => functional.jvp(two, [x, y], [v, w]),
    vhp: () => functional.vhp(scalar, [x, y], [v, w]),
    hvp: () => functional.hvp(scalar, [x, y], [v, w]),
  };
  it.each(Object.entries(cases))("%s", (name, call) => {
    expectRecorded(call(), recorded[name]);
  });
});

describe("autograd.functional", () => {
  it("differentiates its results under createGraph", () => {
    const a = tensor([1, 2], { ...DOUBLE, requiresGrad: true });
    functional
      .jacobian((t) => t.pow(3), a, { createGraph: true })
      .sum()
      .backward();
    expect(a.grad?.tolist()).toEqual([6, 12]);
    expect(functional.jacobian((t) => t.pow(3), a).requiresGrad).toBe(false);
  });

  it("gives zeros for what does not depend on an input, or throws with strict", () => {
    const [left, right] = functional.jacobian((a: Tensor, _b: Tensor) => a.mul(2), [u, v]) as Tensor[];
    expect(left.tolist()).toEqual([
      [2, 0],
      [0, 2],
    ]);
    expect(right.tolist()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    const ignoring = () => functional.jacobian((a: Tensor, _b: Tensor) => a.mul(2), [u, v], { strict: true });
    expect(ignoring).toThrow("independent of input 1");
    expect(functional.hessian((a) => a.sum(), u).tolist()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it("needs no vector where it could only be 1", () => {
    const [value, g] = functional.vjp((a) => a.pow(2).sum(), u);
    expect(value.item()).toBe(10);
    expect(g.tolist()).toEqual([6, -2]);
    expect(() => functional.vjp((a) => a.pow(2), u)).toThrow("The vector v can only be null if");
    expect(() => functional.jvp((a) => a.pow(2), u)).toThrow("The vector v can only be null if the input");
  });

  it("refuses what does not fit", () => {
    expect(() => functional.vjp((a) => a.pow(2), u, v)).toThrow("v has invalid size: should be [2] but got [3].");
    expect(() => functional.vjp((a) => a.pow(2), u, [u, u])).toThrow("invalid length: should be 1 but got 2");
    expect(() => functional.hessian((a) => a.pow(2), u)).toThrow("should contain a single element");
    expect(() => functional.hvp(() => [u, u], u, u)).toThrow("should return a single Tensor");
    expect(() => functional.jacobian((a) => a, 3 as never)).toThrow(
      "The inputs given to jacobian must be either a Tensor or an array of Tensors but got number",
    );
    expect(() => functional.jacobian(() => 3 as never, u)).toThrow("outputs of the user-provided function");
    expect(() => functional.jacobian((a) => a, u, { vectorize: true } as never)).toThrow("unexpected keyword argument");
    expect(() => functional.vjp((a) => a.detach(), u, u, { strict: true })).toThrow(AutogradError);
  });
});
