import { manualSeed, randn, tensor } from "@kindling/autograd";
import { gradcheck, gradgradcheck } from "../../gradcheck/src/index.js";
import { expect, it } from "vitest";
import * as nn from "../src/index.js";
const F = nn.functional;
it("gg", () => {
  manualSeed(0);
  const d = (...s: number[]) => randn(...s, { dtype: "float64" }).requiresGrad_();
  const idx = tensor([0, 2, 1], { dtype: "int32" });
  const fns: [string, (...a: any[]) => any, any[]][] = [
    ["bce", (a, b) => F.binaryCrossEntropy(a.sigmoid(), b.sigmoid()), [d(2, 3), d(2, 3)]],
    ["bcel", (a, b) => F.binaryCrossEntropyWithLogits(a, b), [d(2, 3), d(2, 3)]],
    ["ce", (a) => F.crossEntropy(a, idx, { labelSmoothing: 0.1 }), [d(3, 4)]],
    ["kl", (a, b) => F.klDiv(a, b.softmax(1)), [d(2, 3), d(2, 3)]],
    ["gelu", (a) => F.gelu(a), [d(5)]], ["gelu t", (a) => F.gelu(a, { approximate: "tanh" }), [d(5)]],
    ["silu", (a) => F.silu(a), [d(5)]], ["softplus", (a) => F.softplus(a, 2), [d(5)]], ["logsig", (a) => F.logsigmoid(a), [d(5)]],
    ["elu", (a) => F.elu(a), [d(5)]],
    ["ln", (a, w, b) => F.layerNorm(a, [4], w, b), [d(3, 4), d(4), d(4)]],
    ["bn", (a, w, b) => F.batchNorm(a, null, null, w, b, true), [d(4, 2), d(2), d(2)]],
    ["emb", (w) => F.embedding(idx, w, { paddingIdx: 1 }).pow(2), [d(4, 2)]],
    ["cos", (a, b) => F.cosineSimilarity(a, b), [d(3, 4), d(3, 4)]],
    ["bil", (a, b, w) => F.bilinear(a, b, w), [d(3, 2), d(3, 3), d(2, 2, 3)]],
  ];
  for (const k of ["RNN", "LSTM", "GRU"] as const) {
    const m = new nn[k](2, 3, { dtype: "float64" } as any) as any;
    fns.push([k, (x) => m.forward(x)[0], [d(3, 2, 2)]]);
    fns.push([k + " packed", (x) => m.forward(nn.utils.rnn.packPaddedSequence(x, [2, 3], { enforceSorted: false }))[0].data, [d(3, 2, 2)]]);
  }
  for (const [n, f, a] of fns) { expect(gradcheck(f, a), n).toBe(true); 
  try { gradgradcheck(f, n === "emb" ? a : a); } catch (e) { console.log(n, (e as Error).message.slice(0, 600)); throw e; } }
}, 60000);
