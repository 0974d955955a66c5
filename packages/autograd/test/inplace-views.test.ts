import { arange, ones, rand, tensor } from "@kindling/autograd";
import { describe, expect, it } from "vitest";

describe("in-place forms of views", () => {
  it("change the tensor's own layout and its place in the graph", () => {
    const x = rand(2, 3, { requiresGrad: true });
    const y = x.mul(2);
    expect(y.unsqueeze_(0)).toBe(y);
    y.transpose_(1, 2);
    expect(y.shape).toEqual([1, 3, 2]);
    expect(y.gradFn?.name).toBe("TransposeBackward0");
    const weights = [
      [1, 2],
      [3, 4],
      [5, 6],
    ];
    y.mul(tensor(weights)).sum().backward();
    expect(x.grad?.tolist()).toEqual([
      [2, 6, 10],
      [4, 8, 12],
    ]);
    expect(arange(6).squeeze_().swapaxes_(0, 0).asStrided_([2, 2], [1, 2]).t_().tolist()).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(ones(1, 3).expand(2, 3).t_().shape).toEqual([3, 2]);
  });

  it("keep views views: later writes reach the base", () => {
    const x = rand(2, 3, { requiresGrad: true });
    const z = x.mul(2);
    z.select(0, 1).unsqueeze_(0).mul_(3);
    z.sum().backward();
    expect(x.grad?.tolist()).toEqual([
      [2, 2, 2],
      [6, 6, 6],
    ]);
  });

  it("are refused for leaves that require grad, and noticed by saved values", () => {
    expect(() => rand(2, 2, { requiresGrad: true }).t_()).toThrow(
      "a leaf Variable that requires grad is being used in an in-place operation.",
    );
    const w = rand(2, 3, { requiresGrad: true }).exp();
    w.t_();
    expect(() => w.sum().backward()).toThrow("modified by an inplace operation");
  });
});

describe("gradients of overlapping tensors", () => {
  it("of unfold and asStrided are those of the elements seen", () => {
    const x = tensor([[1], [2]], { dtype: "float64", requiresGrad: true });
    x.expand(2, 4).unfold(1, 2, 1).sum().backward();
    expect(x.grad?.tolist()).toEqual([[6], [6]]);
    const y = tensor([[1], [2]], { dtype: "float64", requiresGrad: true });
    y.expand(2, 3).asStrided([2], [1]).sum().backward();
    expect(y.grad?.tolist()).toEqual([[1], [1]]);
  });
});
