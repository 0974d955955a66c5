import { arange, manualSeed, ones, profile, randn, type Tensor, tensor } from "@kindling/autograd";
import * as nn from "@kindling/nn";
import { getDevice, init } from "@kindling/storage";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { openWebGpu } from "../src/adapter.js";
import { compare, withGradients } from "../src/compare.js";
import { openPlain } from "../src/plain.js";

const F = nn.functional;
const found = await openWebGpu();
const missing = typeof found === "string" ? ` (skipped: ${found})` : "";
vi.setConfig({ testTimeout: 120_000 }); // adapters in software compile slowly

const MiB = 2 ** 20;

describe.skipIf(missing !== "")(`a device that has the least of everything${missing}`, () => {
  beforeAll(openPlain);

  it("refuses tensors that no kernel can take, before anything is computed, and says what to do", () => {
    const one = tensor([1]).to("plain");
    const refusal =
      /a tensor of 132 MiB does not fit into a buffer .* of 128 MiB at most\. Split it, or compute on 'cpu'/;
    expect(() => one.expand(33 * MiB).contiguous()).toThrow(refusal);
    expect(() => one.expand(2 ** 30).add(1)).toThrow(/a tensor of 4 GiB does not fit/);
    expect(() =>
      ones(2 ** 13, 1)
        .to("plain")
        .matmul(ones(1, 2 ** 13).to("plain")),
    ).toThrow(/256 MiB does not fit/);
  });

  it("takes those that just fit, whole", async () => {
    const x = tensor([2])
      .to("plain")
      .expand(32 * MiB)
      .add(1);
    const { backend } = getDevice("plain");
    for (const at of [0, 16 * MiB, 32 * MiB - 2]) {
      expect([...((await backend.read(x.storage, at, 2)) as Float32Array)]).toEqual([3, 3]);
    }
    expect((await x.amax().cpu()).item()).toBe(3);
    x.dispose();
  });

  it("has no float16, says so, and names what there is", () => {
    expect(() => tensor([1]).to("plain").to("float16")).toThrow(
      /float16 is not supported on device 'plain'\. Convert to one of float32, int32, uint8, bool/,
    );
  });

  it("is profiled without a clock of its own", async () => {
    const x = tensor([1, 2]).to("plain");
    const report = await profile(async () => (await x.mul(3).cpu()).tolist());
    expect(report.result).toEqual([3, 6]);
    expect(report.rows.some(({ name }) => name.includes("mul"))).toBe(true);
  });

  it("reduces without subgroups", async () => {
    manualSeed(7);
    const [x, y] = [randn(3, 700), randn(40, 6)];
    const classes = arange(40).remainder(6).to("int32");
    await compare("plain", (bring) => [
      ...[
        bring(x).sum(1),
        bring(x).sum(0),
        bring(x).amax(),
        bring(x).argmin(1),
        bring(x).softmax(1),
        bring(x).softmax(0),
      ],
      ...withGradients(
        [x, y],
        (a, b) => [F.layerNorm(a, [700]), F.crossEntropy(b, classes.to(b.device))],
        (t) => t.detach().sign().add(0.5),
      )(bring),
    ]);
  });

  it.each(["rows", "columns"])("has tiles that fit into its workgroup memory: few %s", async (few) => {
    manualSeed(1);
    for (const n of [12, 20, 40]) {
      const [a, b] = few === "rows" ? [randn(n, 64), randn(64, 300)] : [randn(300, 64), randn(64, n)];
      const turned = (t: Tensor) => t.t().contiguous().t();
      await compare("plain", (bring) => [
        bring(a).matmul(bring(b)),
        bring(turned(a)).matmul(bring(turned(b))),
        bring(a).matmul(bring(turned(b))),
      ]);
    }
  });
});

describe.skipIf(missing !== "")("more workgroups than a dimension takes", () => {
  it("are folded", async () => {
    manualSeed(2);
    const [a, b] = [randn(1, 200, 40), randn(1, 40, 300)];
    const [image, weight] = [randn(2, 3, 40, 40), randn(12, 3, 3, 3)];
    const program = (bring: (t: Tensor) => Tensor): Tensor[] => [
      bring(a).matmul(bring(b)),
      ...withGradients(
        [image, weight],
        (x, w) => F.conv2d(x, w, null, { padding: 1 }),
        (t) => t.detach(),
      )(bring),
      bring(a).softmax(1),
      bring(a).sum(1),
      bring(a).cumsum(2),
    ];
    await init("webgpu");
    const { runtime } = arange(1).to("webgpu").storage.handle as { runtime: { limits: GPUSupportedLimits } };
    const { limits } = runtime;
    const { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupStorageSize } = limits;
    const few = {
      maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupStorageSize,
      maxComputeWorkgroupsPerDimension: 30,
    };
    runtime.limits = few as GPUSupportedLimits;
    try {
      await compare("webgpu", program, 1e-4);
      expect(() => tensor([1]).to("webgpu").expand(300_000).contiguous()).toThrow(
        /\[copy .*needs .* workgroups, and device 'webgpu' takes 30/,
      );
    } finally {
      runtime.limits = limits;
    }
  });
});
