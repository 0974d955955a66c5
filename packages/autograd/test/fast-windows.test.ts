import { type DType, numelOf, type Operand, registerKernels, unregisterKernels, type View } from "@kindling/storage";
import { afterEach, describe, expect, it } from "vitest";
import {
  autograd,
  avgPool1d,
  avgPool2d,
  type ConvolutionLayout,
  conv1d,
  conv2d,
  conv3d,
  convTranspose2d,
  manualSeed,
  maxPool1d,
  maxPool2d,
  type PoolLayout,
  randn,
  type Tensor,
} from "../src/index.js";

/*
 * The fast paths of convolution and pooling: a provider of kernels that follow the definitions loop by loop must be called, and
 * must give what the composites give, in values, gradients and second gradients.
 */

type Index = readonly number[];
const memory = (v: View): Float64Array => v.storage.handle as Float64Array;
const place = (v: View, i: Index): number => i.reduce((at, x, d) => at + x * v.strides[d], v.offset);
const get = (v: View, i: Index): number => memory(v)[place(v, i)];
const set = (v: View, i: Index, x: number): void => {
  memory(v)[place(v, i)] = x;
};
const addTo = (v: View, i: Index, x: number): void => set(v, i, get(v, i) + x);
const operand = (x: Operand, i: Index): number => (typeof x === "object" ? get(x, i) : Number(x));

function* indices(shape: Index): Generator<number[]> {
  for (let flat = 0; flat < numelOf(shape); flat++) {
    let rest = flat;
    const index = new Array<number>(shape.length);
    for (let d = shape.length - 1; d >= 0; d--) {
      index[d] = rest % shape[d];
      rest = Math.floor(rest / shape[d]);
    }
    yield index;
  }
}

type Layout = Pick<PoolLayout, "stride" | "padding" | "dilation">;
/** Where element (i, j) of window (y, x) is, or `null` beyond an image of h × w. */
function at(l: Layout, [y, x]: Index, [i, j]: Index, [h, w]: Index): [number, number] | null {
  const row = y * l.stride[0] - l.padding[0] + i * l.dilation[0];
  const column = x * l.stride[1] - l.padding[1] + j * l.dilation[1];
  return row < 0 || row >= h || column < 0 || column >= w ? null : [row, column];
}

/** All triples of elements of input, weight and result that belong together. */
function* triples(
  input: View,
  weight: View,
  out: View,
  l: ConvolutionLayout,
): Generator<[number[], number[], number[]]> {
  const [perGroup, outputs] = [weight.shape[1], weight.shape[0] / l.groups];
  for (const [n, o, y, x] of indices(out.shape)) {
    for (const [c, i, j] of indices(weight.shape.slice(1))) {
      const p = at(l, [y, x], [i, j], input.shape.slice(2));
      if (p)
        yield [
          [n, Math.floor(o / outputs) * perGroup + c, ...p],
          [o, c, i, j],
          [n, o, y, x],
        ];
    }
  }
}

const start = (out: View, bias: View | null = null): void => {
  for (const i of indices(out.shape)) set(out, i, bias ? get(bias, [i[1]]) : 0);
};

const kernels = {
  conv2d(out: View, input: View, weight: View, bias: View | null, l: ConvolutionLayout): void {
    start(out, bias);
    for (const [i, w, o] of triples(input, weight, out, l)) addTo(out, o, get(input, i) * get(weight, w));
  },
  conv2dInput(out: View, grad: View, weight: View, bias: View | null, l: ConvolutionLayout): void {
    start(out, bias);
    for (const [i, w, o] of triples(out, weight, grad, l)) addTo(out, i, get(grad, o) * get(weight, w));
  },
  conv2dWeight(out: View, input: View, grad: View, l: ConvolutionLayout): void {
    start(out);
    for (const [i, w, o] of triples(input, out, grad, l)) addTo(out, w, get(input, i) * get(grad, o));
  },
  maxPool2d(values: View, places: View | null, input: View, l: PoolLayout): void {
    const size = input.shape.slice(2);
    for (const out of indices(values.shape)) {
      set(values, out, Number.NEGATIVE_INFINITY);
      for (const element of indices(l.kernel)) {
        const p = at(l, out.slice(2), element, size);
        const x = p && get(input, [out[0], out[1], ...p]);
        if (p === null || (x as number) <= get(values, out)) continue;
        set(values, out, x as number);
        if (places) set(places, out, p[0] * size[1] + p[1]);
      }
    }
  },
  avgPool2d(out: View, input: View, divisor: Operand, l: PoolLayout): void {
    start(out);
    for (const o of indices(out.shape)) {
      for (const element of indices(l.kernel)) {
        const p = at(l, o.slice(2), element, input.shape.slice(2));
        if (p) addTo(out, o, get(input, [o[0], o[1], ...p]) / operand(divisor, o));
      }
    }
  },
  avgPool2dInput(out: View, grad: View, divisor: Operand, l: PoolLayout): void {
    start(out);
    for (const o of indices(grad.shape)) {
      for (const element of indices(l.kernel)) {
        const p = at(l, o.slice(2), element, out.shape.slice(2));
        if (p) addTo(out, [o[0], o[1], ...p], get(grad, o) / operand(divisor, o));
      }
    }
  },
};
type Name = keyof typeof kernels;

/** Registers the kernels on the CPU; says which were called. */
function register(accepts = true, dtype: DType = "float64"): Set<Name> {
  const called = new Set<Name>();
  const entries = (Object.keys(kernels) as Name[]).map((name) => {
    const kernel = kernels[name] as (...args: unknown[]) => void;
    const run = (...args: unknown[]): void => {
      called.add(name);
      kernel(...args);
    };
    return [name, { [dtype]: { run, accepts: () => accepts } }];
  });
  registerKernels("cpu", { name: "by definition", kernels: Object.fromEntries(entries) });
  return called;
}
afterEach(() => unregisterKernels("cpu", "by definition"));

const leaf = (...shape: number[]): Tensor => randn(shape, { dtype: "float64" }).requiresGrad_();

interface Case {
  readonly run: (...inputs: Tensor[]) => Tensor;
  readonly inputs: readonly (readonly number[])[];
  readonly calls: readonly Name[];
}
const convolutions: readonly Name[] = ["conv2d", "conv2dInput", "conv2dWeight"];
const cases: Record<string, Case> = {
  conv2d: {
    run: (x, w, b) => conv2d(x, w, b, { stride: [2, 1], padding: [1, 0], dilation: [1, 2], groups: 2 }),
    inputs: [[2, 4, 5, 5], [6, 2, 3, 2], [6]],
    calls: convolutions,
  },
  "conv2d, same": {
    run: (x, w) => conv2d(x, w, { padding: "same" }),
    inputs: [
      [1, 2, 3, 4],
      [2, 2, 2, 4],
    ],
    calls: convolutions,
  },
  conv1d: {
    run: (x, w) => conv1d(x, w, { padding: 1 }),
    inputs: [
      [3, 6],
      [2, 3, 3],
    ],
    calls: convolutions,
  }, // prettier-ignore
  convTranspose2d: {
    run: (x, w, b) => convTranspose2d(x, w, b, { stride: 2, padding: 1, outputPadding: [1, 0], groups: 2 }),
    inputs: [[2, 4, 3, 2], [4, 1, 3, 2], [2]],
    calls: convolutions,
  },
  maxPool2d: {
    run: (x) => maxPool2d(x, [3, 2], { stride: 2, padding: 1, ceilMode: true }),
    inputs: [[2, 3, 6, 5]],
    calls: ["maxPool2d"],
  },
  maxPool1d: { run: (x) => maxPool1d(x, 2, { dilation: 2, stride: 1 }), inputs: [[3, 6]], calls: ["maxPool2d"] },
  avgPool2d: {
    run: (x) => avgPool2d(x, 3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false }),
    inputs: [[2, 2, 6, 5]],
    calls: ["avgPool2d", "avgPool2dInput"],
  },
  avgPool1d: { run: (x) => avgPool1d(x, 2), inputs: [[1, 2, 7]], calls: ["avgPool2d", "avgPool2dInput"] },
};

/** A result, its gradients, and the gradients of a nonlinear function of those. */
function everything({ run, inputs }: Case): Tensor[] {
  manualSeed(3);
  const leaves = inputs.map((shape) => leaf(...shape));
  const out = run(...leaves);
  const cotangent = leaf(...out.shape);
  const first = autograd.grad([out], leaves, [cotangent], { createGraph: true }) as Tensor[];
  const total = first.map((g) => g.pow(3).sum()).reduce((a, b) => a.add(b));
  const second = autograd.grad([total], [...leaves, cotangent], null, { allowUnused: true });
  return [out, ...first, ...second.filter((g) => g !== null)];
}

describe("fast paths of windows", () => {
  it.each(Object.entries(cases))("%s", (_, c) => {
    const plain = everything(c);
    const called = register();
    const fast = everything(c);
    expect([...called].sort()).toEqual([...c.calls].sort());
    expect(fast).toHaveLength(plain.length);
    fast.forEach((t, i) => {
      expect(t.shape).toEqual(plain[i].shape);
      expect(t.allclose(plain[i], { rtol: 1e-10, atol: 1e-10 })).toBe(true);
    });
  });

  it("are left alone where they decline, where the dtype is another, and in three dimensions", () => {
    const called = register(false);
    for (const c of Object.values(cases)) everything(c);
    const ofFloat32 = register(true, "float32");
    for (const c of Object.values(cases)) everything(c);
    expect([...called, ...ofFloat32]).toEqual([]);
    const volumes = register();
    conv3d(leaf(1, 1, 2, 2, 2), leaf(1, 1, 1, 2, 1))
      .sum()
      .backward();
    expect(volumes.size).toBe(0);
  });

  it("of pooling are not asked for indices that nobody needs", () => {
    const asked: unknown[] = [];
    const original = kernels.maxPool2d;
    kernels.maxPool2d = (values, places, input, l) => {
      asked.push(places);
      original(values, places, input, l);
    };
    register();
    maxPool2d(leaf(1, 4, 4).detach(), 2);
    kernels.maxPool2d = original;
    expect(asked).toEqual([null]);
  });
});

describe("columns in blocks", () => {
  // more elements in windows than are copied at a time
  const shifted = (x: Tensor, w: Tensor): Tensor =>
    x
      .narrow(-1, 0, x.shape[3] - 1)
      .mul(w.at(0, 0, 0, 0))
      .add(x.narrow(-1, 1, x.shape[3] - 1).mul(w.at(0, 0, 0, 1)));

  it.each([
    ["of samples", [5, 1, 1000, 900]],
    ["of rows", [2, 1, 2000, 1300]],
  ])("%s", (_, shape) => {
    manualSeed(1);
    const x = randn(shape).requiresGrad_();
    const w = randn(1, 1, 1, 2).requiresGrad_();
    const grads = (f: (x: Tensor, w: Tensor) => Tensor): (Tensor | null)[] => {
      const out = f(x, w);
      return [out, ...autograd.grad([out], [x, w], [out.detach()])];
    };
    const plain = grads(shifted);
    grads((a, b) => conv2d(a, b)).forEach((t, i) => {
      expect((t as Tensor).allclose(plain[i] as Tensor, { rtol: 1e-4, atol: 1e-4 })).toBe(true);
    });
    const [values, indices] = maxPool2d(x.detach(), [1, 2], { stride: 1, returnIndices: true });
    const [left, right] = [x.detach().narrow(-1, 0, shape[3] - 1), x.detach().narrow(-1, 1, shape[3] - 1)];
    expect(values.equal(left.maximum(right))).toBe(true);
    expect(x.detach().flatten(2).gather(2, indices.flatten(2)).equal(values.flatten(2))).toBe(true);
  });
});
