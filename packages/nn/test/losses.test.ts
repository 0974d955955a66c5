import { tensor } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import * as nn from "../src/index.js";
import { camel, decode, decodeOptions, expectClose, fixture, type Recorded, tensorsOf, weighted } from "./support.js";

interface Case {
  readonly name: string;
  readonly args: unknown[];
  readonly kwargs: Record<string, unknown>;
  readonly out: unknown;
  readonly grads: Recorded[];
}

const F = nn.functional;
// biome-ignore lint/suspicious/noExplicitAny: functions are named by data
const functions = F as any;

describe("losses against PyTorch", () => {
  it.each(Object.entries(fixture<Record<string, Case>>("losses")))("%s", (_, recorded) => {
    const args = tensorsOf(decode(recorded.args));
    const leaves = args.slice(0, recorded.grads.length).map((t) => t.requiresGrad_());
    const out = functions[camel(recorded.name)](...args, decodeOptions(recorded.kwargs));
    expectClose(out, recorded.out, "out");
    weighted(tensorsOf(out)).backward();
    recorded.grads.forEach((value, i) => {
      expectClose(leaves[i].grad, value, `gradient ${i}`);
    });
  });
});

describe("modules of losses", () => {
  const input = tensor([
    [0.2, 0.5, 0.3],
    [0.1, 0.7, 0.2],
  ]);
  const target = tensor([
    [0, 1, 0],
    [0.5, 0.5, 0],
  ]);
  const classes = tensor([1, 2], { dtype: "int32" });
  const weight = tensor([1, 2, 3]);

  it("compute what the functions do", () => {
    const reduction = "sum";
    const pairs = [
      [new nn.MSELoss({ reduction }), F.mseLoss(input, target, { reduction })],
      [new nn.L1Loss({ reduction }), F.l1Loss(input, target, { reduction })],
      [new nn.SmoothL1Loss({ reduction, beta: 0.1 }), F.smoothL1Loss(input, target, { reduction, beta: 0.1 })],
      [new nn.HuberLoss("sum", 0.1), F.huberLoss(input, target, "sum", 0.1)],
      [new nn.BCELoss(weight, { reduction }), F.binaryCrossEntropy(input, target, weight, { reduction })],
      [
        new nn.BCEWithLogitsLoss({ posWeight: weight }),
        F.binaryCrossEntropyWithLogits(input, target, { posWeight: weight }),
      ],
      [new nn.KLDivLoss({ reduction: "batchmean" }), F.klDiv(input, target, { reduction: "batchmean" })],
    ] as const;
    for (const [module, expected] of pairs) expect(module.forward(input, target).item()).toBe(expected.item());
    const nll = new nn.NLLLoss(weight, { ignoreIndex: 1 });
    expect(nll.forward(input, classes).item()).toBe(F.nllLoss(input, classes, weight, { ignoreIndex: 1 }).item());
    const cross = new nn.CrossEntropyLoss({ weight, labelSmoothing: 0.1 });
    expect(cross.forward(input, classes).item()).toBe(
      F.crossEntropy(input, classes, { weight, labelSmoothing: 0.1 }).item(),
    );
  });

  it("keep weights as buffers", () => {
    expect(Object.keys(new nn.CrossEntropyLoss(weight).stateDict())).toEqual(["weight"]);
    expect(Object.keys(new nn.BCEWithLogitsLoss({ posWeight: weight }).stateDict())).toEqual(["pos_weight"]);
    expect(new nn.NLLLoss().stateDict()).toEqual({});
  });

  it("refuse what PyTorch refuses", () => {
    expect(() => F.mseLoss(input, target, { reduction: "median" as "mean" })).toThrow(
      "median is not a valid value for reduction",
    );
    expect(() => F.nllLoss(input, tensor([1, 3], { dtype: "int32" }))).toThrow("Target 3 is out of bounds.");
    expect(() => F.nllLoss(input, tensor([1], { dtype: "int32" }))).toThrow(
      "Expected input batchSize (2) to match target batchSize (1).",
    );
    expect(() => F.crossEntropy(input, classes, weight, { labelSmoothing: 2 })).toThrow("between 0.0 and 1.0. Got: 2");
    expect(() => F.nllLoss(input, classes, tensor([1, 2]))).toThrow(
      "weight tensor should be defined either for all 3 classes or no classes but got weight tensor of shape: [2]",
    );
    expect(() => F.binaryCrossEntropy(input, classes.float())).toThrow("Using a target size ([2])");
    expect(() => F.binaryCrossEntropyWithLogits(input, classes.float())).toThrow(
      "Target size ([2]) must be the same as input size ([2, 3])",
    );
    expect(() => F.crossEntropy(input, classes, tensor([1, 2]))).toThrow("got weight tensor of shape: [2]");
    expect(() => F.nllLoss(input, classes.float())).toThrow("expected scalar type Long but found Float");
    for (const outside of [1.5, -0.1, Number.NaN]) {
      expect(() => F.binaryCrossEntropy(tensor([0.5, outside]), tensor([1, 0]))).toThrow(
        "all elements of input should be between 0 and 1",
      );
    }
    expect(() => F.huberLoss(input, target, { delta: 0 })).toThrow("non-positive values for delta");
    expect(() => F.smoothL1Loss(input, target, { beta: -1 })).toThrow("negative values for beta");
  });
});
