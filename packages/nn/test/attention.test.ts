import { manualSeed, ones, randn, tensor } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import * as nn from "../src/index.js";
import {
  camel,
  decode,
  decodeOptions,
  expectClose,
  expectExact,
  fixture,
  type Recorded,
  tensorsOf,
  weighted,
} from "./support.js";

const { functional: F } = nn;

interface Case {
  readonly class?: string;
  readonly args: unknown[];
  readonly kwargs: Record<string, unknown>;
  readonly call: Record<string, unknown>;
  readonly tree: string;
  readonly state: Record<string, Recorded>;
  readonly inputs: unknown[];
  readonly out: unknown;
  readonly inputGrads: (Recorded | null)[];
  readonly parameterGrads: Record<string, Recorded | null>;
}

const cases = Object.entries(fixture<Record<string, Case>>("attention"));
// biome-ignore lint/suspicious/noExplicitAny: classes are named by data
const classes = nn as any;

const leavesOf = (recorded: Case) => tensorsOf(decode(recorded.inputs)).map((t) => t.requiresGrad_());

describe("attention against PyTorch", () => {
  it.each(cases.filter(([, c]) => c.class !== undefined))("%s", (_, recorded) => {
    manualSeed(0);
    const module = new classes[recorded.class as string](...recorded.args, decodeOptions(recorded.kwargs)) as nn.Module;
    const inPyTorch = (text: string) =>
      text
        .replace(/\b[a-z]+[A-Z]\w*(?==)/g, (name) => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`))
        .replace(/\btrue\b/g, "True")
        .replace(/\bfalse\b/g, "False");
    expect(inPyTorch(module.toString())).toBe(recorded.tree);
    const state = module.stateDict();
    expect(Object.keys(state)).toEqual(Object.keys(recorded.state));
    for (const [key, value] of Object.entries(recorded.state)) expectExact(state[key], value, key);
    module.double();
    const leaves = leavesOf(recorded);
    manualSeed(1);
    const out = module.forward(...leaves, decodeOptions(recorded.call));
    expectClose(out, recorded.out, "out");
    weighted(tensorsOf(out)).backward();
    recorded.inputGrads.forEach((value, i) => {
      expectClose(leaves[i].grad, value, `gradient of input ${i}`);
    });
    for (const [name, p] of module.namedParameters()) {
      expectClose(p.grad, recorded.parameterGrads[name], `gradient of ${name}`);
    }
  });

  it.each(cases.filter(([, c]) => c.class === undefined))("%s", (_, recorded) => {
    const leaves = leavesOf(recorded);
    const [q, k, v] = leaves;
    const call = Object.fromEntries(Object.entries(recorded.call).map(([key, value]) => [camel(key), decode(value)]));
    const out = F.scaledDotProductAttention(q, k, v, call);
    expectClose(out, recorded.out);
    weighted([out]).backward();
    recorded.inputGrads.forEach((value, i) => {
      expectClose(leaves[i].grad, value, `gradient of input ${i}`);
    });
  });
});

describe("attention", () => {
  it("shares keys and values among groups of query heads", () => {
    const [q, k, v] = [randn(1, 4, 3, 2), randn(1, 2, 3, 2), randn(1, 2, 3, 2)];
    const repeated = [k, v].map((t) => t.repeatInterleave(2, 1));
    expect(F.scaledDotProductAttention(q, k, v, { enableGqa: true }).tolist()).toEqual(
      F.scaledDotProductAttention(q, repeated[0], repeated[1]).tolist(),
    );
  });

  it("takes a scale", () => {
    const x = randn(3, 4);
    expect(F.scaledDotProductAttention(x, x, x, { scale: 0 }).at(0).allclose(x.mean(0))).toBe(true);
  });

  it("refuses what does not fit", () => {
    const x = randn(3, 2, 4);
    expect(() => new nn.MultiheadAttention(5, 2)).toThrow("embedDim must be divisible by numHeads");
    const attention = new nn.MultiheadAttention(4, 2);
    expect(() => attention.forward(x.at(0, 0), x, x)).toThrow(
      "query should be unbatched 2D or batched 3D tensor but received 1-D query tensor",
    );
    expect(() => attention.forward(randn(3, 2, 6), x, x)).toThrow("was expecting embedding dimension of 4, but got 6");
    expect(() => attention.forward(x, x, randn(5, 2, 4))).toThrow(
      "key shape (3, 2, 4) does not match value shape (5, 2, 4)",
    );
    expect(() => attention.forward(x, x, x, { attnMask: ones(2, 3) })).toThrow(
      "The shape of the 2D attnMask is (2, 3), but should be (3, 3).",
    );
    expect(() => attention.forward(x, x, x, { keyPaddingMask: ones(3, 2) })).toThrow(
      "expecting keyPaddingMask shape of (2, 3), but got (3, 2)",
    );
    expect(() => attention.forward(x, x, x, { keyPaddingMask: tensor([[1, 0, 0]], { dtype: "int32" }) })).toThrow();
    expect(() => F.scaledDotProductAttention(x, x, x, { isCausal: true, attnMask: ones(2, 2) })).toThrow(
      "Explicit attnMask should not be set when isCausal=true",
    );
    expect(() => new nn.TransformerEncoderLayer(4, 2, { activation: "tanh" as "relu" })).toThrow(
      "activation should be relu/gelu, not tanh",
    );
    expect(() => new nn.Transformer({ dModel: 4, nhead: 2 }).forward(randn(3, 2, 4), randn(3, 1, 4))).toThrow(
      "the batch number of src and tgt must be equal",
    );
  });
});
