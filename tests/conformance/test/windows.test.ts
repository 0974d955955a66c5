import { autograd, isTensor, manualSeed, randn, type Tensor, tensor } from "@kindling/autograd";
import * as nn from "@kindling/nn";
import { registerOpaqueBackend } from "@kindling-tests/opaque-backend";
import { beforeEach, describe, expect, it } from "vitest";

/*
 * Convolution, pooling, padding and resizing on a device that cannot be read while it runs and has none but the required
 * primitives: values, gradients and second gradients are those of the CPU.
 */

registerOpaqueBackend();
beforeEach(() => manualSeed(0));

const { functional: F } = nn;
const places = (...values: number[]): Tensor => tensor(values, { dtype: "int32" });

interface Case {
  readonly run: (...inputs: Tensor[]) => Tensor | [Tensor, Tensor];
  readonly inputs: readonly (readonly number[] | Tensor)[];
}

const image = [2, 4, 6, 5];
const of = (run: Case["run"], ...inputs: Case["inputs"]): Case => ({ run, inputs });
const cases: Record<string, Case> = {
  conv1d: of((x, w, b) => F.conv1d(x, w, b, { padding: 1, stride: 2 }), [2, 3, 7], [4, 3, 3], [4]),
  conv2d: of((x, w, b) => F.conv2d(x, w, b, { padding: 1, dilation: [1, 2] }), image, [3, 4, 3, 3], [3]),
  "conv2d in groups, few samples": of((x, w) => F.conv2d(x, w, { groups: 4, padding: "same" }), image, [8, 1, 2, 3]),
  "conv2d in groups, many samples": of((x, w) => F.conv2d(x, w, { groups: 2 }), [3, 4, 4, 4], [2, 2, 2, 2]),
  "conv2d of single elements": of((x, w, b) => F.conv2d(x, w, b), [1, 4, 3, 3], [5, 4, 1, 1], [5]),
  conv3d: of((x, w) => F.conv3d(x, w, { stride: [1, 2, 1] }), [1, 2, 3, 4, 3], [2, 2, 2, 2, 2]),
  convTranspose2d: of(
    (x, w, b) => F.convTranspose2d(x, w, b, { stride: 2, padding: 1, outputPadding: 1, groups: 2 }),
    [2, 4, 3, 3],
    [4, 2, 3, 3],
    [4],
  ),
  convTranspose3d: of((x, w) => F.convTranspose3d(x, w, { stride: 2 }), [1, 2, 2, 1, 2], [2, 1, 2, 2, 1]),
  maxPool1d: of((x) => F.maxPool1d(x, 2), [3, 8]),
  maxPool2d: of((x) => F.maxPool2d(x, 3, { stride: 2, padding: 1, ceilMode: true }), image),
  "maxPool2d with indices": of((x) => F.maxPool2d(x, 2, { returnIndices: true }), image),
  maxPool3d: of((x) => F.maxPool3d(x, 2), [1, 2, 4, 4, 2]),
  maxUnpool2d: of((x) => F.maxUnpool2d(x, places(0, 6, 9, 15).reshape(1, 2, 2).to(x.device), 2), [1, 2, 2]),
  avgPool2d: of((x) => F.avgPool2d(x, 3, { stride: 2, padding: 1, countIncludePad: false }), image),
  lpPool2d: of((x) => F.lpPool2d(x, 2, 2), image),
  adaptiveAvgPool2d: of((x) => F.adaptiveAvgPool2d(x, [4, 5]), image),
  adaptiveMaxPool2d: of((x) => F.adaptiveMaxPool2d(x, [4, 3], { returnIndices: true }), image),
  unfold: of((x) => F.unfold(x, [2, 3], { padding: 1 }), image),
  fold: of((x) => F.fold(x, [3, 4], 2, { stride: 1 }), [1, 8, 6]),
  pixelShuffle: of((x) => F.pixelShuffle(x, 2), image),
  "pad, a constant": of((x) => F.pad(x, [1, -1, 0, 2], "constant", 0.5), image),
  "pad, a reflection": of((x) => F.pad(x, [1, 2, 3, 0], "reflect"), image),
  "interpolate, nearest": of((x) => F.interpolate(x, [3, 8]), image),
  "interpolate, bilinear": of((x) => F.interpolate(x, { scaleFactor: 1.5, mode: "bilinear" }), image),
  "interpolate, bicubic": of((x) => F.interpolate(x, { size: [4, 7], mode: "bicubic", antialias: true }), image),
  gridSample: of((x, grid) => F.gridSample(x, grid, "bilinear", "reflection"), image, [2, 3, 2, 2]),
  "gridSample, bicubic": of((x, grid) => F.gridSample(x, grid, "bicubic", "border", true), image, [2, 3, 2, 2]),
  affineGrid: of((theta) => F.affineGrid(theta, [2, 1, 3, 4]), [2, 2, 3]),
  localResponseNorm: of((x) => F.localResponseNorm(x, 3), image),
};

const values = async (t: Tensor): Promise<number[]> => Array.from((await t.detach().cpu()).toTypedArray(), Number);

/** Results, gradients, and gradients of those where they depend on anything. */
async function everything({ run, inputs }: Case, device: string): Promise<number[][]> {
  manualSeed(1);
  const leaves = inputs.map((i) => (isTensor(i) ? i : randn(i)).to(device).requiresGrad_());
  const results = [run(...leaves)].flat() as Tensor[];
  const weights = randn(results[0].shape).to(device).requiresGrad_();
  const first = autograd.grad([results[0]], leaves, [weights], { createGraph: true }) as Tensor[];
  const total = first.map((g) => g.mul(g).sum()).reduce((a, b) => a.add(b));
  const second = autograd.grad([total], [weights, ...leaves], null, { allowUnused: true });
  return Promise.all([...results, ...first, ...second.filter((g) => g !== null)].map(values));
}

describe("windows on another device", () => {
  it.each(Object.entries(cases))("%s", async (_, c) => {
    const [near, far] = [await everything(c, "cpu"), await everything(c, "opaque")];
    expect(far).toHaveLength(near.length);
    near.forEach((expected, i) => {
      expect(far[i]).toHaveLength(expected.length);
      const largest = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 1);
      const wrong = far[i].some((x, j) => !(Math.abs(x - expected[j]) <= 1e-5 * largest));
      if (wrong) expect(far[i]).toEqual(expected); // shows both
    });
  });

  it("a small network is trained", async () => {
    const train = async (device: string): Promise<number[]> => {
      manualSeed(2);
      const net = new nn.Sequential(
        new nn.Conv2d(1, 4, 3, { padding: 1, paddingMode: "circular" }),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.ConvTranspose2d(4, 2, 2, { stride: 2 }),
        new nn.AdaptiveAvgPool2d(3),
      );
      const x = randn(3, 1, 6, 6).to(device);
      net.to(device);
      const losses: Tensor[] = [];
      for (let step = 0; step < 4; step++) {
        net.zeroGrad();
        const loss = net.forward(x).square().mean();
        loss.backward();
        for (const p of net.parameters()) p.data.sub_((p.grad as Tensor).mul(0.5));
        losses.push(loss);
      }
      return (await Promise.all(losses.map(values))).flat();
    };
    const [near, far] = [await train("cpu"), await train("opaque")];
    near.forEach((loss, i) => {
      expect(far[i]).toBeCloseTo(loss, 5);
    });
    expect(near[3]).toBeLessThan(near[0]);
  });
});
