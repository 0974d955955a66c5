import { ones, randn, tensor, zeros } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import * as nn from "../src/index.js";

const { functional: F } = nn;
const reduction = "sum";

describe("modules of margins and likelihoods", () => {
  it("compute what the functions do", () => {
    const [a, b, c] = [randn(4, 3), randn(4, 3), randn(4, 3)];
    const signs = tensor([1, -1, -1, 1]);
    const all = ones(4, 3);
    const classes = tensor([0, 2, 1, 1], { dtype: "int32" });
    const weight = tensor([1, 2, 3]);
    const several = tensor([[0, -1, 2]], { dtype: "int32" }).expand(4, 3);
    const variance = all.mul(0.5);
    const far = (x: typeof a, y: typeof a) => x.sub(y).abs().amax(1);
    const pairs = [
      [new nn.HingeEmbeddingLoss(0.5, { reduction }).forward(a, all), F.hingeEmbeddingLoss(a, all, 0.5, { reduction })],
      [
        new nn.CosineEmbeddingLoss({ margin: 0.1 }).forward(a, b, signs),
        F.cosineEmbeddingLoss(a, b, signs, { margin: 0.1 }),
      ],
      [new nn.MarginRankingLoss(0.2).forward(a, b, all), F.marginRankingLoss(a, b, all, 0.2)],
      [new nn.SoftMarginLoss({ reduction }).forward(a, all), F.softMarginLoss(a, all, { reduction })],
      [new nn.MultiMarginLoss(2, 0.5, weight).forward(a, classes), F.multiMarginLoss(a, classes, 2, 0.5, weight)],
      [
        new nn.MultiLabelMarginLoss({ reduction }).forward(a, several),
        F.multilabelMarginLoss(a, several, { reduction }),
      ],
      [new nn.MultiLabelSoftMarginLoss(weight).forward(a, all), F.multilabelSoftMarginLoss(a, all, weight)],
      [new nn.TripletMarginLoss({ swap: true }).forward(a, b, c), F.tripletMarginLoss(a, b, c, { swap: true })],
      [
        new nn.TripletMarginWithDistanceLoss({ distanceFunction: far }).forward(a, b, c),
        F.tripletMarginWithDistanceLoss(a, b, c, { distanceFunction: far }),
      ],
      [new nn.PoissonNLLLoss({ full: true }).forward(a, all), F.poissonNllLoss(a, all, { full: true })],
      [new nn.GaussianNLLLoss({ full: true }).forward(a, b, variance), F.gaussianNllLoss(a, b, variance, true)],
      [new nn.PairwiseDistance(1).forward(a, b).sum(), F.pairwiseDistance(a, b, 1).sum()],
      [new nn.CosineSimilarity().forward(a, b).sum(), F.cosineSimilarity(a, b).sum()],
    ] as const;
    for (const [module, expected] of pairs) expect(module.item()).toBe(expected.item());
  });

  it("keep class weights as buffers", () => {
    expect(Object.keys(new nn.MultiMarginLoss({ weight: ones(3) }).stateDict())).toEqual(["weight"]);
  });
});

describe("ctcLoss", () => {
  const logProbs = () => zeros(2, 1, 3, { requiresGrad: true });

  it("is infinite where the sequence is too short, or 0 if asked for, with a gradient of 0", () => {
    const twice = tensor([[1, 1]], { dtype: "int32" }); // needs a blank between
    const x = logProbs();
    expect(F.ctcLoss(x.logSoftmax(2), twice, [2], [2], { reduction: "none" }).tolist()).toEqual([Infinity]);
    const loss = new nn.CTCLoss({ zeroInfinity: true }).forward(x.logSoftmax(2), twice, [2], [2]);
    expect(loss.item()).toBe(0);
    loss.backward();
    expect(x.grad?.abs().max().item()).toBe(0);
  });

  it("counts every reading of a target", () => {
    // of nine pairs of symbols three read as "1": 1·, ·1 and 11
    const one = tensor([1], { dtype: "int32" });
    expect(F.ctcLoss(logProbs().logSoftmax(2), one, [2], [1]).item()).toBeCloseTo(Math.log(3), 6);
  });

  it("refuses what does not fit", () => {
    const target = tensor([[1, 2]], { dtype: "int32" });
    expect(() => F.ctcLoss(logProbs(), target, [3], [2])).toThrow(
      "Expected inputLengths to have value at most 2, but got value 3",
    );
    expect(() => F.ctcLoss(logProbs(), target, [2, 2], [2])).toThrow("inputLengths must be of size batchSize");
    expect(() => F.ctcLoss(logProbs(), target, [2], [3])).toThrow("Expected tensor to have size at least 3");
    expect(() => F.ctcLoss(logProbs(), target, [2], [2], 3)).toThrow("blank must be in label range");
    expect(() => F.ctcLoss(logProbs(), target.float(), [2], [2])).toThrow("targets must be integers");
    expect(() => F.ctcLoss(logProbs(), tensor([1], { dtype: "int32" }), [2], [2])).toThrow("those of all sequences");
    expect(() => F.ctcLoss(ones(2), target, [2], [2])).toThrow("logProbs must have 2 or 3 dimensions, got 1");
    expect(() => F.ctcLoss(logProbs(), tensor([[1, 3]], { dtype: "int32" }), [2], [2])).toThrow();
  });
});

describe("margins and likelihoods refuse what does not fit", () => {
  const x = ones(4, 3);
  const cases: [() => unknown, string][] = [
    [() => F.cosineEmbeddingLoss(x, x, x), "0D or 1D target tensor expected, multi-target not supported"],
    [() => F.cosineEmbeddingLoss(x.at(0), x, ones(4)), "1D target tensor expects 2D input tensors"],
    [() => F.marginRankingLoss(x, x, ones(4)), "All input tensors should have same dimension"],
    [() => F.multiMarginLoss(x, tensor([0, 1, 2, 0], { dtype: "int32" }), { p: 3 as 1 }), "expected 1 or 2"],
    [() => F.multiMarginLoss(x, ones(4)), "expected scalar type Long but found Float"],
    [() => F.multiMarginLoss(x, tensor([0, 1], { dtype: "int32" })), "inconsistent target size"],
    [() => F.multilabelMarginLoss(x, ones(2, 3, { dtype: "int32" })), "inconsistent target size"],
    [() => F.tripletMarginLoss(x, x, ones(3)), "expect all tensors to have same dimension, got 2D, 2D and 1D inputs."],
    [() => F.gaussianNllLoss(x, x, ones(2)), "var is of incorrect size"],
    [() => F.gaussianNllLoss(x, x, x.neg()), "var has negative entry/entries"],
    [() => F.poissonNllLoss(x, x, { reduction: "most" as "sum" }), "most is not valid"],
    [() => F.softMarginLoss(x, x, { reduction: "most" as "sum" }), "most is not a valid value for reduction"],
    [() => F.pdist(ones(3)), "pdist only supports 2D tensors, got: 1D"],
    [() => F.pdist(x, -1), "pdist only supports non-negative p values"],
  ];
  it.each(cases)("%#", (call, message) => {
    expect(call).toThrow(message);
  });
});
