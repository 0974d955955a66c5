import { autograd, manualSeed, ones, randn, type Tensor, tensor, zeros } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import * as nn from "../src/index.js";

const F = nn.functional;

describe("in place", () => {
  it("overwrites the input, with the gradient of the plain form", () => {
    for (const [plain, inPlace] of [
      [(x) => F.relu(x), (x) => F.relu(x, true)],
      [(x) => F.elu(x), (x) => F.elu(x, { inplace: true })],
      [(x) => F.leakyRelu(x, 0.2), (x) => F.leakyRelu(x, 0.2, true)],
      [(x) => F.silu(x), (x) => F.silu(x, true)],
      [(x) => F.hardtanh(x), (x) => F.hardtanh(x, -1, 1, true)],
    ] as [typeof F.sigmoid, typeof F.sigmoid][]) {
      const a = tensor([-2, -0.5, 0, 0.5, 2], { requiresGrad: true });
      const b = a.detach().clone().requiresGrad_();
      const x = b.mul(1);
      const out = inPlace(x);
      expect(out).toBe(x);
      expect(out.tolist()).toEqual(plain(a).tolist());
      plain(a).mul(a).sum().backward();
      out.mul(b).sum().backward();
      expect(
        b.grad
          ?.sub(a.grad as Tensor)
          .abs()
          .max()
          .item(),
      ).toBeLessThan(1e-6);
    }
  });

  it("is noticed where the old values are needed", () => {
    const a = tensor([1, 2], { requiresGrad: true });
    const x = a.sigmoid();
    F.relu(x, true);
    expect(() => x.sum().backward()).toThrow("modified by an inplace operation");
  });
});

describe("oneHot", () => {
  const classes = tensor([[0, 2]], { dtype: "int32" });

  it("makes rows with a one", () => {
    expect(F.oneHot(classes).tolist()).toEqual([
      [
        [1, 0, 0],
        [0, 0, 1],
      ],
    ]);
    expect(F.oneHot(classes, 4).shape).toEqual([1, 2, 4]);
    expect(F.oneHot(classes).dtype).toBe("int32");
    expect(F.oneHot(classes.long(), { numClasses: 3 }).dtype).toBe("int64");
  });

  it("refuses what PyTorch refuses", () => {
    expect(() => F.oneHot(classes, 2)).toThrow("Class values must be smaller than numClasses.");
    expect(() => F.oneHot(classes.neg())).toThrow("Class values must be non-negative.");
    expect(() => F.oneHot(ones(2))).toThrow("oneHot is only applicable to index tensor.");
    expect(() => F.oneHot(classes, 0)).toThrow("numClasses should be positive");
    expect(() => F.oneHot(zeros(0, { dtype: "int32" }))).toThrow("Can not infer total number of classes");
  });
});

describe("embedding", () => {
  it("refuses what PyTorch refuses", () => {
    expect(() => F.embedding(tensor([5], { dtype: "int32" }), ones(3, 2))).toThrow("index out of range in self");
    expect(() => new nn.Embedding(3, 2, { paddingIdx: 3 })).toThrow("paddingIdx must be within numEmbeddings");
    expect(() => F.embedding(ones(2), ones(3, 2))).toThrow(
      "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got FloatTensor instead",
    );
    expect(() => nn.Embedding.fromPretrained(ones(3))).toThrow("Embeddings parameter is expected to be 2-dimensional");
  });

  it("takes a table that is there", () => {
    const table = nn.Embedding.fromPretrained(ones(3, 2), { paddingIdx: -1 });
    expect(table.weight.requiresGrad).toBe(false);
    expect(String(table)).toBe("Embedding(3, 2, paddingIdx=2)");
    expect(table.forward(tensor([0], { dtype: "int64" })).tolist()).toEqual([[1, 1]]);
    expect(nn.Embedding.fromPretrained(ones(3, 2), false).weight.requiresGrad).toBe(true);
  });

  it("differentiates twice with a padding row", () => {
    const weight = ones(3, 2).requiresGrad_();
    const rows = F.embedding(tensor([0, 1, 0], { dtype: "int32" }), weight, { paddingIdx: 1 });
    const [g] = autograd.grad(rows.mul(rows).sum(), [weight], { createGraph: true });
    expect(g?.tolist()).toEqual([
      [4, 4],
      [0, 0],
      [0, 0],
    ]);
    const [gg] = autograd.grad((g as typeof weight).sum(), [weight]);
    expect(gg?.tolist()).toEqual([
      [4, 4],
      [0, 0],
      [0, 0],
    ]);
  });
});

describe("distances", () => {
  it("cosineSimilarity broadcasts", () => {
    const a = tensor([
      [1, 0],
      [3, 4],
    ]);
    const [x, y] = F.cosineSimilarity(a, tensor([0, 1])).tolist() as number[];
    expect(x).toBe(0);
    expect(y).toBeCloseTo(0.8, 6);
    expect(F.cosineSimilarity(zeros(1, 2), a).tolist()).toEqual([0, 0]);
  });

  it("normalize", () => {
    expect(F.normalize(tensor([[3, 4]])).tolist()[0][0]).toBeCloseTo(0.6, 6);
    expect(F.normalize(tensor([3, -1]), { p: 1, dim: 0 }).tolist()).toEqual([0.75, -0.25]);
  });
});

describe("normalisation", () => {
  it("refuses what PyTorch refuses", () => {
    expect(() => F.layerNorm(ones(2, 3), [4])).toThrow(
      "Given normalizedShape=[4], expected input with shape [*, 4], but got input of size[2, 3]",
    );
    expect(() => new nn.BatchNorm1d(3).forward(ones(1, 3))).toThrow(
      "Expected more than 1 value per channel when training, got input size [1, 3]",
    );
    expect(() => new nn.BatchNorm1d(3).forward(ones(3))).toThrow("expected 2D or 3D input (got 1D input)");
    expect(() => new nn.BatchNorm2d(3).forward(ones(3))).toThrow("expected 4D input (got 1D input)");
  });

  it("statistics of another size are refused", () => {
    expect(() => new nn.BatchNorm1d(3).forward(ones(2, 4))).toThrow("runningMean should contain 4 elements not 3");
    expect(() => F.batchNorm(ones(2, 4), null, null, ones(3), null, true)).toThrow(
      "weight should contain 4 elements not 3",
    );
  });

  it("batch statistics are replaced by running ones in evaluation", () => {
    manualSeed(0);
    const norm = new nn.BatchNorm1d(2, { momentum: 1 });
    const x = randn(50, 2).mul(3).add(5);
    norm.forward(x);
    expect(norm.num_batches_tracked?.item()).toBe(1);
    const y = norm.eval().forward(x);
    expect(Math.abs(y.mean().item())).toBeLessThan(1e-5);
    expect(norm.num_batches_tracked?.item()).toBe(1);
    norm.resetRunningStats();
    expect(norm.running_mean?.tolist()).toEqual([0, 0]);
  });
});

describe("dropout", () => {
  it("keeps the mean in training and passes in evaluation", () => {
    manualSeed(0);
    const x = ones(10_000);
    const y = F.dropout(x, 0.3);
    expect(y.mean().item()).toBeCloseTo(1, 1);
    expect(F.dropout(x, 0.3, false)).toBe(x);
    expect(F.dropout(x, { p: 1 }).sum().item()).toBe(0);
    const z = ones(4);
    expect(F.dropout(z, { inplace: true })).toBe(z);
    expect(() => new nn.Dropout(1.5)).toThrow("dropout probability has to be between 0 and 1, but got 1.5");
  });
});

describe("arguments", () => {
  it("come by position or by name, never twice", () => {
    const x = tensor([[-1, 1]]);
    expect(F.softmax(x, 1).tolist()).toEqual(F.softmax(x, { dim: 1 }).tolist());
    expect(F.softmax(x, 1, { dtype: "float64" }).dtype).toBe("float64");
    expect(F.softmax(x).tolist()).toEqual(F.softmax(x, -1).tolist());
    expect(() => F.elu(x, 1, { alpha: 2 } as object)).toThrow("elu() got multiple values for argument 'alpha'");
    expect(() => new nn.Linear(1, 2, { biases: true } as object)).toThrow(
      "Linear() got an unexpected keyword argument 'biases'",
    );
    expect(() => new (nn.Linear as unknown as new (n: number) => nn.Linear)(1)).toThrow(
      "Linear() missing required argument: 'outFeatures'",
    );
    expect(() => F.gelu(x, { approximate: "none " as "none" })).toThrow("must be either none or tanh");
  });
});

describe("bilinear", () => {
  it("refuses what PyTorch refuses", () => {
    const layer = new nn.Bilinear(2, 3, 4);
    expect(() => layer.forward(ones(2, 2), ones(2, 2))).toThrow(
      "input2 size does not match weight size: got 2 but expected 3",
    );
    expect(() => layer.forward(ones(2, 2), ones(3, 3))).toThrow("input batch dimensions do not match");
  });
});
