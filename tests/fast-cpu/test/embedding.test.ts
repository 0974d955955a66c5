import { type DType, manualSeed, randint, randn, type Tensor, tensor } from "@kindling/autograd";
import { gradcheck, gradgradcheck } from "@kindling/gradcheck";
import { functional as F } from "@kindling/nn";
import { describe, expect, it } from "vitest";
import { close, plain, withoutLimits } from "./support.js";

withoutLimits();

const kinds = {
  plain: {},
  "with padding": { paddingIdx: 2 },
  "by frequency": { scaleGradByFreq: true, paddingIdx: 0 },
};

describe.each(Object.entries(kinds))("embedding, %s", (_, options) => {
  it.each(["float32", "float64"] as DType[])("is the composite's in %s", (dtype) => {
    manualSeed(1);
    for (const [rows, size] of [
      [3, 1],
      [7, 5],
      [50, 64],
      [20, 300],
    ]) {
      const table = randn(rows, size, { dtype });
      for (const shape of [[], [4], [0], [3, 70]]) {
        const index = randint(rows, shape, { dtype: "int64" });
        const g = randn([...shape, size], { dtype });
        const [ours, theirs] = ["cpu", plain].map((device) => {
          const weight = table.detach().to(device).requiresGrad_();
          const y = F.embedding(index.to(device), weight, options);
          y.backward(g.to(device));
          return [y.detach(), weight.grad as Tensor];
        });
        for (const [i, t] of ours.entries()) close(t, theirs[i], dtype === "float32" ? 1e-5 : 1e-13);
      }
    }
  });

  it("has first and second derivatives", () => {
    const weight = randn(4, 3, { dtype: "float64", requiresGrad: true });
    const index = tensor(
      [
        [1, 3, 2],
        [1, 0, 1],
      ],
      { dtype: "int32" },
    );
    const f = (w: Tensor): Tensor => F.embedding(index, w, options);
    // what is held back or divided is not the derivative
    if (Object.keys(options).length === 0) expect(gradcheck(f, [weight])).toBe(true);
    expect(gradgradcheck(f, [weight])).toBe(true);
  });

  it("takes views, and refuses rows that do not exist", () => {
    const weight = randn(6, 8).t();
    const index = tensor(
      [
        [1, 5],
        [7, 0],
      ],
      { dtype: "int32" },
    ).select(1, 0);
    close(F.embedding(index, weight, options), F.embedding(index.to(plain), weight.to(plain), options), 0);
    for (const bad of [8, -1]) {
      expect(() => F.embedding(tensor([bad], { dtype: "int32" }), weight)).toThrow("index out of range in self");
      expect(() => F.embedding(tensor([bad], { dtype: "int32" }), weight.clone())).toThrow(
        "index out of range in self",
      );
    }
  });
});
