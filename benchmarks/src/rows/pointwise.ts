import { autograd, nn, randn, type Tensor } from "kindling";
import { type Group, perElement, type Row, type Target, type Work } from "../row.js";

/* Elementwise work and rows of a matrix, by the element. Without gradient, unless the name says otherwise. */

const million = 1_000_000;

const fresh: Record<string, (a: Tensor, b: Tensor) => Tensor> = {
  add: (a, b) => a.add(b),
  mul: (a, b) => a.mul(b),
  sum: (a) => a.sum(),
  relu: (a) => a.relu(),
  exp: (a) => a.exp(),
  tanh: (a) => a.tanh(),
  sigmoid: (a) => a.sigmoid(),
  gelu: (a) => nn.functional.gelu(a),
};

const inPlace: Record<string, (a: Tensor, b: Tensor) => Tensor> = {
  add: (a, b) => a.add_(b),
  mul: (a, b) => a.mul_(b),
  exp: (a) => a.exp_(),
  tanh: (a) => a.tanh_(),
};

const row = (name: string, elements: number, target: Target, prepare: () => Work): Row => ({
  name,
  ...perElement(elements),
  targets: { kindling: target },
  prepare,
});

const result = (name: string, elements: number, target: Target): Row =>
  row(`${name}, ${elements === million ? "1M" : "10k"}`, elements, target, () => {
    const [a, b] = [randn(elements), randn(elements)];
    return { call: () => fresh[name](a, b) };
  });

/** In place, from the same values every time: repeated products would end in denormal numbers. */
const recycled = (name: string): Row =>
  row(`${name}, 1M in place`, million, { pytorch: 0.5, peers: 1 }, () => {
    const [a, b, out] = [randn(million), randn(million), randn(million)];
    return { before: () => void out.copy_(a), call: () => inPlace[name](out, b) };
  });

const matrix = (name: string, target: Target, prepare: (x: Tensor) => Work): Row =>
  row(`${name}, 1000 × 1000`, million, target, () => prepare(randn(1000, 1000)));

const layerNorm = (requiresGrad: boolean): Tensor[] => [
  randn(1000, 1000, { requiresGrad }),
  randn(1000, { requiresGrad }),
  randn(1000, { requiresGrad }),
];

const transcendental = { pytorch: 0.5, peers: 2 };

export const tenThousand: Group = {
  name: "10k",
  rows: ["add", "mul", "exp", "tanh", "sigmoid", "gelu", "relu", "sum"].map((name) =>
    result(name, 10_000, { pytorch: 0.7, peers: 3 }),
  ),
};

export const inPlaceMillion: Group = { name: "1M-in-place", rows: ["add", "mul", "exp", "tanh"].map(recycled) };

export const freshMillion: Group = {
  name: "1M-fresh",
  rows: [
    ...["add", "mul", "sum"].map((name) => result(name, million, { pytorch: 0.25 })),
    ...["exp", "tanh", "sigmoid", "gelu"].map((name) => result(name, million, transcendental)),
    matrix("softmax", transcendental, (x) => ({ call: () => x.softmax(1) })),
    matrix("log-softmax", transcendental, (x) => ({ call: () => x.logSoftmax(1) })),
    matrix("layer norm", { pytorch: 0.4 }, () => {
      const [x, weight, bias] = layerNorm(false);
      return { call: () => nn.functional.layerNorm(x, [1000], weight, bias) };
    }),
    matrix("layer norm, forward + backward", { pytorch: 0.4 }, (gradient) => {
      const [x, weight, bias] = layerNorm(true);
      return {
        call: () =>
          autograd.grad(nn.functional.layerNorm(x, [1000], weight, bias), [x, weight, bias], { gradOutputs: gradient }),
      };
    }),
  ],
};
