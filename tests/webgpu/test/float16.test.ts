import { manualSeed, randn, type Tensor, tensor } from "@kindling/autograd";
import * as nn from "@kindling/nn";
import { init } from "@kindling/storage";
import { describe, expect, it, vi } from "vitest";
import { compare, withGradients } from "../src/compare.js";
import { conformance } from "../src/conformance.js";
import { missing } from "../src/half.js";

/** The suite's tests of float16 that differ in what is computed, or in how elements are read and written, not in their layout alone. */
const TITLES =
  /^(copy|fill|range|read|write) .*float16|^((unary|binary|compare) \w+|where|gather|sort|scan sum|scatter sum|reduce (sum|max|argmax)) float16 (contiguous|non-finite)/;

const F = nn.functional;
vi.setConfig({ testTimeout: 120_000 }); // adapters in software compile slowly
await init("webgpu").catch(() => {}); // `missing` says why

/** Halves have 11 bits; sums of them are made in float32, here and on the CPU. */
const TOLERANCE = 4e-3;

/** float16, with gradients of the float32 tensors that it was made of. */
const half = (f: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[]): Promise<void> =>
  compare(
    "webgpu",
    withGradients(
      inputs,
      (...given) => f(...given.map((t) => t.to("float16"))).to("float32"),
      (t) => t.detach().sign().add(0.5),
    ),
    TOLERANCE,
  );

describe.skipIf(missing)(`float16 on webgpu${missing ? ` (skipped: ${missing})` : ""}`, () => {
  it("goes there and back, with infinities, NaN and what is smallest", async () => {
    const values = [0, -1.5, 65504, 2 ** -14, 2 ** -24, Number.POSITIVE_INFINITY, Number.NaN, 1 / 3];
    const x = tensor(values, { dtype: "float16" });
    const back = await x.to("webgpu").cpu();
    expect(back.dtype).toBe("float16");
    expect(back.tolist()).toEqual(x.tolist());
  });

  it("products, convolutions and their gradients", async () => {
    manualSeed(4);
    await half((a, b) => a.matmul(b), [randn(9, 33), randn(33, 40)]);
    await half((a, b) => a.matmul(b), [randn(2, 40, 12), randn(2, 12, 36)]);
    await half((x, w) => F.conv2d(x, w, null, { padding: 1 }), [randn(2, 3, 8, 8), randn(4, 3, 3, 3)]);
  });

  it("softmax, norms, activations, pooling, losses", async () => {
    manualSeed(5);
    await half((x) => F.softmax(x, 1), [randn(4, 30)]);
    await half((x, w, b) => F.layerNorm(x, [30], w, b), [randn(4, 30), randn(30), randn(30)]);
    await half((x) => F.gelu(x).add(F.silu(x)), [randn(4, 30)]);
    await half((x) => F.avgPool2d(x, 2), [randn(1, 2, 6, 6)]);
    await half((x) => F.crossEntropy(x, tensor([1, 0, 2], { dtype: "int32" }).to(x.device)), [randn(3, 5)]);
  });

  it("reductions, scans, sorts, places", async () => {
    manualSeed(6);
    const x = randn(3, 50);
    await half((t) => t.sum(1), [x]);
    await half((t) => t.cumsum(1), [x.mul(0.1)]);
    await compare("webgpu", (bring) => {
      const t = bring(x).to("float16");
      const [sorted, places] = t.sort(1);
      return [sorted.to("float32"), places, t.argmax(1)];
    });
  });
});

// where an adapter has float16, the other files run all of the suite on it
if (missing === undefined) await conformance(TITLES);
