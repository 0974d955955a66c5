import { describe, expect, it } from "vitest";
import { Generator, manualSeed, multinomial, randint, tensor, zeros } from "../src/index.js";

// The numbers are PyTorch's.
describe("multinomial", () => {
  const weights = tensor([
    [1, 2, 3],
    [0, 1, 0.5],
  ]); // prettier-ignore

  it("draws categories for each row", () => {
    manualSeed(11);
    const drawn = multinomial(weights, 4, true);
    expect([drawn.dtype, drawn.tolist()]).toEqual([
      "int32",
      [
        [1, 2, 2, 2],
        [1, 1, 1, 1],
      ],
    ]); // prettier-ignore
    expect(weights.multinomial(2).tolist()).toEqual([
      [1, 2],
      [2, 1],
    ]); // prettier-ignore
    expect(randint(1000, [1]).item()).toBe(620);
    const generator = new Generator().manualSeed(3);
    expect(weights.double().select(0, 0).multinomial(2, { generator }).tolist()).toEqual([0, 1]);
  });

  it("refuses what is no distribution", () => {
    expect(() => multinomial(zeros(1, 1, 1), 1)).toThrow("probDist must be 1 or 2 dim");
    expect(() => multinomial(tensor([1, -1]), 1)).toThrow("element < 0");
    expect(() => multinomial(tensor([1, 2]).int(), 1)).toThrow(
      "multinomial only supports floating-point dtypes for input, got: Int",
    );
    expect(() => multinomial(tensor([1, 2]), 3)).toThrow("without replacement");
  });
});
