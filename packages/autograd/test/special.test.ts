import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { autograd, digamma, i0, lgamma, ones, sigmoid, special, type Tensor, tensor, zeros } from "../src/index.js";

type Numbers = (number | string)[];
interface Case {
  readonly args: Numbers[];
  readonly out: Numbers;
  readonly grads: Numbers[];
  readonly of?: number[];
  readonly node: string | null;
}

const recorded = JSON.parse(readFileSync(new URL("./fixtures/special.json", import.meta.url), "utf8")) as Record<
  string,
  Case
>;
const named: Record<string, string> = { inf: "Infinity", "-inf": "-Infinity" };
const number = (x: number | string): number => (typeof x === "number" ? x : Number(named[x] ?? x));
const camel = (name: string): string => name.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase());
// biome-ignore lint/suspicious/noExplicitAny: functions are named by data
const functions = special as any;

function expectClose(ours: Tensor, theirs: Numbers, x: Numbers[], what: string, tolerance = 1e-10): void {
  const values = Array.from(ours.detach().toTypedArray(), Number);
  theirs.map(number).forEach((want, i) => {
    const got = values[i];
    const close =
      Object.is(got, want) || got === want || Math.abs(got - want) <= tolerance * Math.max(Math.abs(want), 1e-280);
    if (!close) expect(got, `${what} at ${x.map((a) => a[i])}`).toBe(want);
  });
}

describe("special functions against PyTorch and mpmath", () => {
  it.each(Object.entries(recorded))("%s", (name, { args, out, grads, of = [0], node }) => {
    const f = functions[camel(name)];
    const inputs = args.map((a) => tensor(a.map(number), { dtype: "float64" }));
    for (const i of of) inputs[i].requiresGrad_();
    const y = f(...inputs) as Tensor;
    expectClose(y, out, args, "out");
    if (node !== null) expect(y.gradFn?.name).toBe(node);
    if (grads.length === 0) return;
    const ours = autograd.grad(
      y.sum(),
      of.map((i) => inputs[i]),
    );
    ours.forEach((g, k) => {
      expectClose(g as Tensor, grads[k], args, `gradient ${of[k]}`);
    });
  });
});

describe("special functions", () => {
  it("vanish at infinity where they do", () => {
    const far = tensor([Number.POSITIVE_INFINITY], { dtype: "float64" });
    for (const f of [
      special.besselJ0,
      special.besselJ1,
      special.besselY0,
      special.besselY1,
      special.modifiedBesselK0,
    ]) {
      expect(f(far).item()).toBe(0);
    }
  });

  it("keep shape and dtype, and make integers float32", () => {
    for (const f of [special.i1e, special.ndtri, special.besselY0, special.entr, special.erfcx, special.logNdtr]) {
      expect(f(tensor(0.25)).shape).toEqual([]);
      expect(f(zeros(0, 3)).shape).toEqual([0, 3]);
      expect(f(tensor([0.25], { dtype: "float16" })).dtype).toBe("float16");
      expect(f(tensor([1], { dtype: "int32" })).dtype).toBe("float32");
    }
    expect(special.gammainc(ones(2, 1), ones(3)).shape).toEqual([2, 3]);
    expect(special.zeta(2, ones(2)).dtype).toBe("float32");
  });

  it("are named as PyTorch names them", () => {
    expect(special.psi).toBe(digamma);
    expect(special.gammaln).toBe(lgamma);
    expect(special.expit).toBe(sigmoid);
    expect(special.i0).toBe(i0);
  });

  it("say where they have no derivative", () => {
    const a = ones(2, { requiresGrad: true });
    expect(() => special.gammainc(a, ones(2)).sum().backward()).toThrow("the derivative for 'self' is not implemented");
    expect(() => special.zeta(a.add(1), ones(2)).sum().backward()).toThrow("is not implemented");
  });

  it("have second derivatives", () => {
    for (const [name, at] of Object.entries({
      i0: 1.3,
      i0e: 1.3,
      i1: 1.3,
      i1e: 1.3,
      besselJ0: 1.3,
      besselJ1: 1.3,
      besselY0: 1.3,
      besselY1: 1.3,
      modifiedBesselK0: 1.3,
      modifiedBesselK1: 1.3,
      scaledModifiedBesselK0: 1.3,
      scaledModifiedBesselK1: 1.3,
      sphericalBesselJ0: 1.3,
      erfcx: 0.4,
      logNdtr: -0.4,
      ndtri: 0.3,
      entr: 0.7,
      ndtr: 0.3,
    })) {
      const f = (special as unknown as Record<string, (x: Tensor) => Tensor>)[name];
      const slope = (v: number) => {
        const x = tensor([v], { dtype: "float64", requiresGrad: true });
        const [g] = autograd.grad(f(x).sum(), x, { createGraph: true });
        return [x, g as Tensor] as const;
      };
      const [x, g] = slope(at);
      const [second] = autograd.grad(g.sum(), x);
      const h = 1e-5;
      const difference =
        (f(tensor([at + h], { dtype: "float64" })).item() - f(tensor([at - h], { dtype: "float64" })).item()) / (2 * h);
      expect(g.item(), name).toBeCloseTo(difference, 7);
      expect(second?.item(), `${name}, second`).toBeCloseTo(
        (slope(at + h)[1].item() - slope(at - h)[1].item()) / (2 * h),
        6,
      );
    }
  });
});
