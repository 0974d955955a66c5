import { describe, expect, it } from "vitest";
import {
  add,
  arange,
  cat,
  linear,
  logSoftmax,
  maximum,
  noGrad,
  ones,
  rand,
  stack,
  type Tensor,
  tensor,
  where,
} from "../src/index.js";

const leaf = (...shape: number[]): Tensor => rand(shape, { requiresGrad: true });
const x = leaf(2, 3);
const q = leaf(2, 3);
const square = leaf(3, 3);
const batch = leaf(2, 2, 3);
const v = leaf(3);
const mask = tensor([true, false, true]);
const index = tensor([[0, 1]], { dtype: "int32" });
const changed = (write: (y: Tensor) => unknown): Tensor => {
  const y = x.clone();
  write(y);
  return y;
};

/** Names of nodes as PyTorch prints them. */
const names: Record<string, () => Tensor> = {
  NegBackward0: () => x.neg(),
  AbsBackward0: () => x.abs(),
  SignBackward0: () => x.sign(),
  FloorBackward0: () => x.floor(),
  SqrtBackward0: () => x.sqrt(),
  ExpBackward0: () => x.exp(),
  Expm1Backward0: () => x.expm1(),
  LogBackward0: () => x.log(),
  SinBackward0: () => x.sin(),
  CosBackward0: () => x.cos(),
  TanhBackward0: () => x.tanh(),
  SigmoidBackward0: () => x.sigmoid(),
  ErfBackward0: () => x.erf(),
  ReluBackward0: () => x.relu(),
  AddBackward0: () => add(x, 1),
  SubBackward0: () => x.sub(q),
  MulBackward0: () => x.mul(2),
  DivBackward0: () => x.div(q),
  PowBackward0: () => x.pow(2),
  MaximumBackward0: () => maximum(x, q),
  Atan2Backward0: () => x.atan2(q),
  WhereBackward0: () => where(mask, x, q),
  MaskedFillBackward0: () => x.maskedFill(mask, 0),
  ClampBackward1: () => x.clamp({ min: 0 }),
  SumBackward0: () => x.sum(),
  SumBackward1: () => x.sum(1),
  MeanBackward0: () => x.mean(),
  MeanBackward1: () => x.mean(1),
  ProdBackward0: () => x.prod(),
  AmaxBackward0: () => x.amax(1),
  MaxBackward0: () => x.max(1)[0],
  CumsumBackward0: () => x.cumsum(1),
  SortBackward0: () => x.sort()[0],
  SoftmaxBackward0: () => x.softmax(1),
  LogSoftmaxBackward0: () => logSoftmax(x, 1),
  MmBackward0: () => x.matmul(square),
  BmmBackward0: () => batch.bmm(batch.mT),
  AddmmBackward0: () => linear(x, square, v),
  ViewBackward0: () => x.view(-1),
  SqueezeBackward0: () => x.squeeze(),
  UnsqueezeBackward0: () => x.unsqueeze(0),
  TransposeBackward0: () => x.transpose(0, 1),
  TBackward0: () => x.t(),
  PermuteBackward0: () => x.T,
  ExpandBackward0: () => x.expand(2, 2, 3),
  SelectBackward0: () => x.at(0),
  SliceBackward0: () => x.at(":", "1:"),
  DiagonalBackward0: () => x.diagonal(),
  UnfoldBackward0: () => v.unfold(0, 2, 1),
  AsStridedBackward0: () => x.asStrided([2], [1]),
  SplitBackward0: () => x.split(1)[0],
  SplitWithSizesBackward0: () => x.split([1, 1])[1],
  UnbindBackward0: () => x.unbind()[1],
  CloneBackward0: () => x.clone(),
  ToCopyBackward0: () => x.to("float64"),
  CatBackward0: () => cat([x, q]),
  GatherBackward0: () => x.gather(0, index),
  ScatterBackward0: () => x.scatter(0, index, q),
  ScatterAddBackward0: () => x.scatterAdd(0, index, q),
  CopyBackwards: () => changed((y) => y.copy_(q)),
  FillBackward2: () => changed((y) => y.fill_(1)),
  ZeroBackward0: () => changed((y) => y.zero_()),
  NormalBackward0: () => changed((y) => y.normal_()),
  CopySlices: () => changed((y) => y.at(0).mul_(2)),
};

describe("names of nodes", () => {
  it.each(Object.entries(names))("%s", (name, make) => {
    const y = make();
    expect(y.gradFn?.name).toBe(name);
    expect(String(y)).toContain(`gradFn=<${name}>`);
    expect(String(y.gradFn)).toBe(`<${name}>`);
  });

  it("in-place forms have those of their operators", () => {
    for (const [name, write] of Object.entries({
      MulBackward0: (y: Tensor) => y.mul_(2),
      ExpBackward0: (y: Tensor) => y.exp_(),
      ReluBackward0: (y: Tensor) => y.relu_(),
      ClampBackward1: (y: Tensor) => y.clamp_(0, 1),
      AddBackward0: (y: Tensor) => y.add_(q),
    })) {
      expect(changed(write).gradFn?.name).toBe(name);
    }
    const y = x.clone();
    const view = y.view(-1);
    view.exp_();
    expect([y.gradFn?.name, view.gradFn?.name]).toEqual(["CopySlices", "AsStridedBackward0"]);
  });
});

describe("the graph", () => {
  it("leads from a node to those of its inputs", () => {
    const y = x.mul(q);
    const z = y.add(1);
    expect(z.gradFn?.nextFunctions).toEqual([
      [y.gradFn, 0],
      [null, 0],
    ]);
    expect(y.gradFn?.nextFunctions.map(([node]) => node?.name)).toEqual(["AccumulateGrad", "AccumulateGrad"]);
    expect(x.mul(2).gradFn?.nextFunctions[0][0]).toBe(y.gradFn?.nextFunctions[0][0]);
    expect(x.mul(ones(3)).gradFn?.nextFunctions[1][0]).toBeNull();
  });

  it("counts the outputs of a node", () => {
    const parts = x.unbind();
    expect(parts.map((p) => p.outputNumber)).toEqual([0, 1]);
    expect(parts[0].gradFn).toBe(parts[1].gradFn);
    expect(parts[1].mul(2).gradFn?.nextFunctions[0]).toEqual([parts[0].gradFn, 1]);
  });

  it("has a node for each use, and none where nothing requires a gradient", () => {
    expect(x.mul(2).gradFn).not.toBe(x.mul(2).gradFn);
    const plain = rand(2);
    expect([plain.mul(2).gradFn, noGrad(() => x.mul(2)).gradFn, x.detach().gradFn]).toEqual([null, null, null]);
    expect([x.gt(0), x.argmax(), x.to("int32"), arange(3)].map((t) => t.requiresGrad)).toEqual(
      new Array(4).fill(false),
    );
  });

  it("knows leaves", () => {
    expect([x.isLeaf, x.mul(2).isLeaf, x.detach().isLeaf, rand(2).mul(2).isLeaf]).toEqual([true, false, true, true]);
    expect([x.requiresGrad, x.mul(2).requiresGrad, x.detach().requiresGrad]).toEqual([true, true, false]);
    expect(stack([rand(2), leaf(2)]).requiresGrad).toBe(true);
  });

  it("is written down by the name of a node, however deep it is", () => {
    let y: Tensor = x;
    for (let i = 0; i < 50_000; i++) y = y.neg();
    expect(JSON.stringify({ node: y.gradFn })).toBe('{"node":"<NegBackward0>"}');
  });

  it("keeps a tensor of a later graph alive without the earlier ones", () => {
    let h = leaf(2);
    for (let i = 0; i < 1000; i++) h = h.mul(2).detach();
    expect(h.gradFn).toBeNull();
  });
});
