import { defaultGenerator, manualSeed, ones, type Tensor } from "@kindling/autograd";
import * as nn from "@kindling/nn";
import { describe, expect, it, vi } from "vitest";
import { initWebGpu } from "../src/adapter.js";

// adapters in software compile slowly
vi.setConfig({ testTimeout: 120_000 });
const missing = await initWebGpu();
const MASK = 0xffffffffn;

/** Philox 4×32-10 of a counter and a key, by the paper. */
function philox(counter: bigint[], key: bigint[]): bigint[] {
  let [a, b, c, d] = counter;
  let [k, l] = key;
  for (let round = 0; round < 10; round++) {
    const [p, q] = [0xd2511f53n * a, 0xcd9e8d57n * c];
    [a, b, c, d] = [(q >> 32n) ^ b ^ k, q & MASK, (p >> 32n) ^ d ^ l, p & MASK];
    [k, l] = [(k + 0x9e3779b9n) & MASK, (l + 0xbb67ae85n) & MASK];
  }
  return [a, b, c, d];
}

const values = async (t: Tensor): Promise<number[]> => (await t.cpu()).tolist() as number[];

describe.skipIf(missing)(`dropout on webgpu${missing ? ` (skipped: ${missing})` : ""}`, () => {
  it("the reference here gives what the paper's authors publish", () => {
    // the vectors `kat_vectors` of Random123
    expect(philox([0n, 0n, 0n, 0n], [0n, 0n])).toEqual([0x6627e8d5n, 0xe169c58dn, 0xbc57ac4cn, 0x9b00dbd8n]);
    expect(philox([MASK, MASK, MASK, MASK], [MASK, MASK])).toEqual([
      0x408f276dn,
      0x41c83b0en,
      0xa20bc7c6n,
      0x6d5451fdn,
    ]);
  });

  it("draws Philox's numbers by a key of the default generator", async () => {
    const x = ones(1003).to("webgpu");
    manualSeed(42);
    const key = [defaultGenerator().random32(), defaultGenerator().random32()].map(BigInt);
    manualSeed(42);
    const got = await values(nn.functional.dropout(x, 0.25));
    const expected = got.map((_, i) => {
      const word = philox([BigInt(i >> 2), 0n, 0n, 0n], key)[i & 3];
      return Number(word >> 8n) / 2 ** 24 < 0.75 ? Math.fround(1 / 0.75) : 0;
    });
    expect(got).toEqual(expected);
  });

  it("a seed gives the same masks again, calls give different ones, and shares are right", async () => {
    const x = ones(40_000).to("webgpu");
    const draw = () => nn.functional.dropout(x, 0.3);
    manualSeed(1);
    const [a, b] = [await values(draw()), await values(draw())];
    manualSeed(1);
    expect(await values(draw())).toEqual(a);
    const kept = a.map((v) => Number(v > 0));
    const also = b.map((v) => Number(v > 0));
    const share = (of: number[]): number => of.reduce((n, v) => n + v, 0) / of.length;
    // five standard deviations
    expect(Math.abs(share(kept) - 0.7)).toBeLessThan(0.0115);
    expect(Math.abs(share(kept.map((v, i) => v * also[i])) - 0.49)).toBeLessThan(0.0125);
    expect(Math.abs(share(kept.slice(1).map((v, i) => v * kept[i])) - 0.49)).toBeLessThan(0.0125);
  });

  it("drops whole channels", async () => {
    manualSeed(2);
    const x = ones(4, 8, 3, 3).to("webgpu");
    const kept = (await values(nn.functional.dropout2d(x, 0.5).amax([2, 3]).reshape([-1]))).map((v) => v > 0);
    const low = (await values(nn.functional.dropout2d(x, 0.5).sub(1).abs().amin([2, 3]).reshape([-1]))).map((v) => v);
    expect(new Set(kept).size).toBe(2);
    expect(new Set(low)).toEqual(new Set([1]));
  });
});
