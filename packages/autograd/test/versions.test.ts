import { describe, expect, it } from "vitest";
import { autograd, noGrad, rand, type Tensor, tensor } from "../src/index.js";

const fresh = (): Tensor =>
  tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);

/** Operators that move no data. */
const views: Record<string, (x: Tensor) => Tensor> = {
  view: (x) => x.view(3, 2),
  reshape: (x) => x.reshape(-1),
  flatten: (x) => x.flatten(),
  squeeze: (x) => x.squeeze(),
  unsqueeze: (x) => x.unsqueeze(1),
  transpose: (x) => x.transpose(0, 1),
  T: (x) => x.T,
  permute: (x) => x.permute(1, 0),
  expand: (x) => x.expand(4, 2, 3),
  select: (x) => x.select(1, 1),
  narrow: (x) => x.narrow(1, 1, 2),
  diagonal: (x) => x.diagonal(),
  unfold: (x) => x.unfold(1, 2, 1),
  asStrided: (x) => x.asStrided([2], [3], 1),
  split: (x) => x.split(1)[1],
  chunk: (x) => x.chunk(2)[1],
  unbind: (x) => x.unbind(1)[2],
  "at(number)": (x) => x.at(1),
  "at(slices)": (x) => x.at("1:", null, "...", "::2"),
  movedim: (x) => x.movedim(0, 1),
  unflatten: (x) => x.unflatten(1, [3, 1]),
  detach: (x) => x.detach(),
};

const copies: Record<string, (x: Tensor) => Tensor> = {
  clone: (x) => x.clone(),
  "contiguous of a transposed tensor": (x) => x.t().contiguous(),
  "reshape of a transposed tensor": (x) => x.t().reshape(-1),
  "at(list)": (x) => x.at([0, 1]),
  "at(mask)": (x) => x.at(x.gt(2)),
  "to another dtype": (x) => x.to("float64"),
  repeat: (x) => x.repeat(1, 1),
  flip: (x) => x.flip(0),
  "add 0": (x) => x.add(0),
};

describe("views", () => {
  it.each(Object.entries(views))("%s shares memory and version", (_, make) => {
    const x = fresh();
    const y = make(x);
    expect(y.storage).toBe(x.storage);
    x.mul_(10);
    expect([x.version, y.version]).toEqual([1, 1]);
    expect(y.tolist()).toEqual(make(fresh().mul(10)).tolist());
  });

  it.each(Object.entries(copies))("%s does not", (_, make) => {
    const x = fresh();
    const y = make(x);
    const before = y.tolist();
    x.mul_(10);
    expect(y.storage).not.toBe(x.storage);
    expect([y.version, y.tolist()]).toEqual([0, before]);
  });

  it("operators that have nothing to do return their argument", () => {
    const x = fresh();
    expect([x.contiguous() === x, x.to("float32") === x, x.float() === x]).toEqual([true, true, true]);
    expect(x.to("float32", { copy: true }) === x).toBe(false);
  });
});

describe("versions", () => {
  it("count the writes into memory, whoever writes", () => {
    const x = fresh();
    const writes: ((t: Tensor) => unknown)[] = [
      (t) => t.add_(1),
      (t) => t.exp_(),
      (t) => t.copy_(fresh()),
      (t) => t.fill_(1),
      (t) => t.zero_(),
      (t) => t.uniform_(),
      (t) => t.relu_(),
      (t) => t.setAt([0, 1], 5),
      (t) => t.setAt([[0, 1]], 5),
      (t) => t.setAt([t.gt(1)], 5),
      (t) => t.detach().add_(1),
      (t) => t.view(-1).add_(1),
      (t) => noGrad(() => t.add_(1)),
    ];
    for (const [i, write] of writes.entries()) {
      write(x);
      expect(x.version).toBe(i + 1);
    }
  });

  it("do not count reads, nor what goes through data", () => {
    const x = fresh();
    x.add(1).sum().item();
    x.data.add_(1);
    expect([x.version, x.tolist()]).toEqual([0, fresh().add(1).tolist()]);
    expect(x.data.version).toBe(0);
  });

  it("a write that is refused does not count", () => {
    const x = rand(3, { requiresGrad: true });
    expect(() => x.add_(1)).toThrow();
    expect(() => x.detach().add_(rand(4))).toThrow();
    expect(x.version).toBe(0);
  });

  it("the stamp of a storage moves with every write, also through data", () => {
    const x = fresh();
    const stamps = [x.storage.stamp];
    x.add_(1);
    stamps.push(x.storage.stamp);
    x.data.add_(1);
    stamps.push(x.storage.stamp);
    x.view(-1).setAt([0], 1);
    stamps.push(x.storage.stamp);
    expect([...stamps].sort((a, b) => a - b)).toEqual(stamps);
    expect(new Set(stamps).size).toBe(4);
  });

  it("an optimizer's loop through data is seen by the next forward pass", () => {
    const w = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    const x = tensor([[1, 1]]);
    const seen: number[] = [];
    for (let i = 0; i < 3; i++) {
      const loss = x.matmul(w).sum();
      seen.push(loss.item());
      w.grad = null;
      loss.backward();
      w.data.sub_(w.grad as unknown as Tensor);
    }
    expect(seen).toEqual([10, 6, 2]);
  });
});

describe("views under the graph", () => {
  it("a view is made anew after its base has changed", () => {
    const base = rand(2, 2, { requiresGrad: true }).mul(1);
    const view = base.select(0, 0);
    expect(view.gradFn?.name).toBe("SelectBackward0");
    base.mul_(2);
    expect(view.gradFn?.name).toBe("AsStridedBackward0");
    expect(view.gradFn?.nextFunctions[0][0]).toBe(base.gradFn);
  });

  it("a view of what joins the graph joins it as well", () => {
    const base = rand(3);
    const view = base.narrow(0, 0, 2);
    base.mul_(rand(3, { requiresGrad: true }));
    expect([view.requiresGrad, view.isLeaf]).toEqual([true, false]);
  });

  it("a view that was made outside of the graph counts as its base, but no gradient flows", () => {
    const x = rand(3, { requiresGrad: true });
    const view = noGrad(() => x.view(-1));
    expect([view.requiresGrad, view.isLeaf, view.gradFn]).toEqual([true, true, null]);
    const [g] = autograd.grad(view.mul(2).add(x).sum(), x);
    expect(g?.tolist()).toEqual([1, 1, 1]);
  });

  it("a view of a view is one of the base", () => {
    const x = rand(2, 3, { requiresGrad: true }).mul(1);
    const inner = x.select(0, 0).narrow(0, 1, 2);
    inner.mul_(3);
    expect(x.gradFn?.name).toBe("CopySlices");
    expect(inner.base).toBe(x);
  });
});
