import { describe, expect, it } from "vitest";
import { autograd, manualSeed, matmul, mm, randn, type Tensor } from "../src/index.js";

/*
 * Gradients of Gram matrices, held against those of the product of two copies.
 */

const float64 = { dtype: "float64" } as const;
const products: Record<string, (x: Tensor, y: Tensor) => Tensor> = {
  "x · xᵀ": (x, y) => mm(x, y.t()),
  "xᵀ · x": (x, y) => mm(x.t(), y),
  "x · xᵀ by transpose": (x, y) => matmul(x, y.transpose(-1, 0)),
  "of a transposed view": (x, y) => mm(x.t(), y.t().t()),
  "of no transposition": (x, y) => mm(x.narrow(1, 0, 3), y.transpose(0, 0).narrow(1, 0, 3)),
};

const expectSame = (got: Tensor | null, want: Tensor): void => {
  expect(got?.shape).toEqual(want.shape);
  expect((got as Tensor).sub(want).abs().max().item()).toBeLessThan(1e-12);
};

describe.each(Object.keys(products))("gradient of %s", (name) => {
  const product = products[name];
  manualSeed(7);
  const values = randn(3, 5, float64);
  const leaf = (): Tensor => values.clone().requiresGrad_();
  const weights = randn(5, 5, float64);
  const loss = (gram: Tensor): Tensor =>
    gram.mul(weights.narrow(0, 0, gram.shape[0]).narrow(1, 0, gram.shape[0])).sum();
  const expected = (): Tensor => {
    const [x, y] = [leaf(), leaf()];
    loss(product(x, y)).backward();
    return (x.grad as Tensor).add(y.grad as Tensor);
  };

  it("of a leaf", () => {
    const x = leaf();
    loss(product(x, x)).backward();
    expectSame(x.grad, expected());
  });

  it("of a value inside the graph that is used elsewhere too", () => {
    const x = leaf();
    const y = x.mul(1);
    y.exp()
      .sum()
      .add(loss(product(y, y)))
      .add(y.sum())
      .backward();
    expectSame(x.grad, expected().add(values.exp()).add(1));
  });

  it("with a graph of the derivative", () => {
    const x = leaf();
    const [g] = autograd.grad(loss(product(x, x)), [x], { createGraph: true });
    expectSame((g as Tensor).detach(), expected());
    // the loss is quadratic: its gradient is linear in x, and x · ∇(g · x) = 2 g · x
    (g as Tensor).mul(values).sum().backward();
    expectSame(x.grad, expected());
  });
});

describe("the transposed factor", () => {
  const setting = () => {
    manualSeed(8);
    const x = randn(4, 4, { ...float64, requiresGrad: true });
    const g = randn(4, 4, float64);
    return { x, g, want: mm(x.detach().t(), g), whole: mm(g.add(g.t()), x.detach()) };
  };

  it("has a gradient where it is asked for", () => {
    const { x, g, want, whole } = setting();
    const y = x.t();
    const [ofX, ofY] = autograd.grad(mm(x, y), [x, y], { gradOutputs: [g] });
    expectSame(ofX, whole);
    expectSame(ofY, want);
  });

  it("has a gradient where it retains it, where a hook wants it, and where it has other uses", () => {
    const { x, g, want, whole } = setting();
    const y = x.t();
    y.retainGrad();
    mm(x, y).backward(g);
    expectSame(y.grad, want);
    expectSame(x.grad, whole);

    const z = x.t();
    let seen: Tensor | null = null;
    z.registerHook((grad) => void (seen = grad));
    mm(x, z).backward(g);
    expectSame(seen, want);

    x.grad = null;
    const u = x.t();
    mm(x, u).mul(g).sum().add(u.sum()).backward();
    expectSame(x.grad, whole.add(1));
  });

  it("is not taken for the other factor where values were exchanged in between", () => {
    const { x, g } = setting();
    const before = x.detach().clone();
    const y = x.t();
    x.data = x.detach().mul(2);
    mm(x, y).backward(g);
    expectSame(x.grad, mm(g, before).add(mm(g.t(), before.mul(2))));
  });
});

it("a gradient that others hold is added to one that nobody does", () => {
  const x = randn(3, { ...float64, requiresGrad: true });
  const y = x.mul(1);
  const gradient = randn(3, float64);
  const kept = gradient.clone();
  // the sum's gradient is the caller's own tensor
  autograd.backward([y, y.mul(2)], [gradient, gradient]);
  expectSame(x.grad, kept.mul(3));
  expectSame(gradient, kept);
});
