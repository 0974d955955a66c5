import { randn, type Tensor } from "kindling";
import { type Group, microseconds, type Row } from "../row.js";

/* Ten-element operations with gradient, and chains of a thousand of them: the cost of recurrent nets on short sequences. */

const targets = { kindling: { pytorch: 6, peers: 3 } };
const length = 1000;

const steps: Record<string, (y: Tensor, b: Tensor) => Tensor> = {
  add: (y, b) => y.add(b),
  mul: (y, b) => y.mul(b),
  tanh: (y) => y.tanh(),
};

const vector = (): Tensor => randn(10, { requiresGrad: true });

const single = ([name, step]: [string, (y: Tensor, b: Tensor) => Tensor]): Row => ({
  name: `${name}, 10 elements`,
  ...microseconds(),
  targets,
  prepare() {
    const [a, b] = [vector(), vector()];
    return { call: () => step(a, b) };
  },
});

const chain = ([name, step]: [string, (y: Tensor, b: Tensor) => Tensor]): Row => ({
  name: `chain of 1,000 ${name}, forward + backward`,
  ...microseconds(length),
  unit: "µs/operation",
  targets,
  prepare() {
    const [a, b] = [vector(), vector()];
    return {
      call() {
        let y = a;
        for (let i = 0; i < length; i++) y = step(y, b);
        y.sum().backward();
        a.grad = null;
        b.grad = null;
      },
    };
  },
});

export const smallOperations: Group = {
  name: "small",
  rows: [...Object.entries(steps).map(single), ...Object.entries(steps).map(chain)],
};
