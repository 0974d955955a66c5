import { diagonal, type Tensor, tensor, zeros } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import { LBFGS } from "../src/index.js";
import { expectClose, fixture } from "./support.js";

const start = (): Tensor => tensor([-1.2, 1, 0.5, 2], { dtype: "float64", requiresGrad: true });

const matrix = zeros(4, 4, { dtype: "float64" }).add(0.3);
diagonal(matrix).add_(tensor([1, 2, 5, 10], { dtype: "float64" }));

const functions: Record<string, (x: Tensor) => Tensor> = {
  rosenbrock(x) {
    const [head, tail] = [x.narrow(0, 0, 3), x.narrow(0, 1, 3)];
    return tail.sub(head.mul(head)).pow(2).mul(100).add(head.sub(1).pow(2)).sum();
  },
  quadratic: (x) => matrix.mv(x).dot(x).mul(0.5).sub(x.sum()),
};

describe("LBFGS", () => {
  for (const [name, options, steps] of fixture.lbfgs) {
    it(`takes PyTorch's way down: ${name} ${JSON.stringify(options)}`, async () => {
      for (const asynchronous of [false, true]) {
        const x = start();
        const optimizer = new LBFGS([x], options);
        let calls = 0;
        const closure = (): Tensor => {
          calls++;
          optimizer.zeroGrad();
          const loss = functions[name](x);
          loss.backward();
          return loss;
        };
        for (const [loss, values, expectedCalls] of steps) {
          const result = asynchronous ? await optimizer.step(async () => closure()) : optimizer.step(closure);
          expectClose([result.item()], [loss], 1e-7);
          expectClose(x.tolist(), values, 1e-7);
          expect(calls).toBe(expectedCalls);
        }
      }
    });
  }

  it("goes on from a state dict to the same numbers", () => {
    const descend = (optimizer: LBFGS, x: Tensor) =>
      optimizer.step(() => {
        optimizer.zeroGrad();
        const loss = functions.rosenbrock(x);
        loss.backward();
        return loss.item();
      });
    const x = start();
    const first = new LBFGS([x], { maxIter: 4 });
    descend(first, x);
    const y = x.detach().clone().requiresGrad_();
    const second = new LBFGS([y]);
    second.loadStateDict(first.stateDict());
    expect(descend(second, y)).toBe(descend(first, x));
    expect(y.tolist()).toEqual(x.tolist());
    expect(Object.keys(first.stateDict().state.get(0) as object)).toEqual(
      expect.arrayContaining([
        "func_evals",
        "n_iter",
        "d",
        "t",
        "old_dirs",
        "old_stps",
        "ro",
        "H_diag",
        "prev_flat_grad",
      ]),
    );
  });

  it("passes parameters over that have no gradient, in several shapes", () => {
    const a = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    ); // prettier-ignore
    const b = tensor(5, { requiresGrad: true });
    const unused = tensor([7], { requiresGrad: true });
    const optimizer = new LBFGS([a, unused, b], { lineSearchFn: "strong_wolfe" });
    optimizer.step(() => {
      optimizer.zeroGrad();
      const loss = a.pow(2).sum().add(b.sub(1).pow(2));
      loss.backward();
      return loss;
    });
    expectClose(a.tolist().flat(), [0, 0, 0, 0], 1e-4);
    expect(b.item()).toBeCloseTo(1, 4);
    expect(unused.tolist()).toEqual([7]);
  });

  it("refuses groups, other searches and a step without a closure", () => {
    const [a, b] = [start(), start()];
    expect(() => new LBFGS([{ params: [a] }, { params: [b] }])).toThrow(
      "LBFGS doesn't support per-parameter options (parameter groups)",
    );
    expect(() => new LBFGS([a], { lineSearchFn: "golden" as never })).toThrow("only 'strong_wolfe' is supported");
    expect(() => new LBFGS([a]).step()).toThrow("needs a closure");
  });
});
