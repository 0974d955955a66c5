import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { io, ones, rand, type Tensor, tensor, zeros } from "kindling";
import { afterAll, expect, test, vi } from "vitest";
import { LAYERS, layerNamed } from "../src/layers.js";
import { gram, totalVariation } from "../src/objective.js";
import { styleWeightOf } from "../src/style-weight.js";
import { Vgg } from "../src/vgg.js";
import type { Network } from "../src/vgg-weights.js";
import { networkFor } from "../src/weights.js";

const folder = mkdtempSync(join(tmpdir(), "style-weights-"));
afterAll(() => rmSync(folder, { recursive: true }));

const options = { seed: 1, device: "cpu", download: false };
vi.stubEnv("XDG_CACHE_HOME", folder); // nothing has been downloaded there
const names = ["conv1_1", "conv1_2"];
const say = vi.fn();

async function saved(tensors: Record<string, Tensor>): Promise<string> {
  const path = join(folder, `${Object.keys(tensors).length}-${Math.random()}.safetensors`);
  await io.save(tensors, path);
  return path;
}

test("layers have torchvision's places", () => {
  expect(LAYERS).toHaveLength(37);
  for (const [name, index] of Object.entries({
    conv1_1: 0,
    conv2_1: 5,
    conv3_1: 10,
    conv4_1: 19,
    conv5_1: 28,
    pool5: 36,
  })) {
    expect(layerNamed(name).index).toBe(index);
  }
  expect(layerNamed("conv_16").name).toBe("conv5_4");
  expect(layerNamed("conv4_1").channels).toEqual([256, 512]);
});

test("only as much of the network is built as the layers need", () => {
  const vgg = new Vgg(["relu1_1", "conv1_2"]);
  expect(Object.keys(vgg.stateDict())).toEqual([
    "features.0.weight",
    "features.0.bias",
    "features.2.weight",
    "features.2.bias",
  ]);
  const [a, b] = vgg.at(rand(1, 3, 16, 16), ["conv1_2", "relu1_1"]);
  expect([a.shape, b.shape]).toEqual([
    [1, 64, 16, 16],
    [1, 64, 16, 16],
  ]);
  expect(b.min().item()).toBe(0);
});

test("weights are a file's, under torchvision's names or without features., of any float dtype", async () => {
  const state = new Vgg(names).stateDict() as Record<string, Tensor>;
  const other = new Vgg(["conv1_1"]).stateDict() as Record<string, Tensor>;
  const paths = [
    await saved({ ...state, "classifier.0.weight": ones(2, 2) }),
    await saved(
      Object.fromEntries(Object.entries(state).map(([name, value]) => [name.replace("features.", ""), value])),
    ),
  ];
  for (const weights of paths) {
    const { vgg } = await networkFor(names, { ...options, weights }, say);
    for (const [name, value] of Object.entries(vgg.stateDict()))
      expect((value as Tensor).equal(state[name])).toBe(true);
  }
  expect(say.mock.calls).toEqual(paths.map((path) => [`Weights: ${path}`]));
  const half = await saved(
    Object.fromEntries(Object.entries(other).map(([name, value]) => [name, value.to("bfloat16")])),
  );
  const { vgg } = await networkFor(["conv1_1"], { ...options, weights: half }, say);
  expect(vgg.parameters()[0].dtype).toBe("float32");
  expect(vgg.parameters()[0].equal(other["features.0.weight"].to("bfloat16").to("float32"))).toBe(true);
});

test("weights of another network, too few layers and no weights at all are refused with a reason", async () => {
  const few = await saved(new Vgg(["conv1_1"]).stateDict() as Record<string, Tensor>);
  await expect(networkFor(names, { ...options, weights: few }, say)).rejects.toThrow(
    /holds no weights of VGG19 for conv1_2: it lacks features\.2\.weight/,
  );
  const resnet = await saved({ "conv1.weight": zeros(64, 3, 7, 7) });
  await expect(networkFor(names, { ...options, weights: resnet }, say)).rejects.toThrow(
    /no weights of VGG19 for conv1_1/,
  );
  const alexnet = await saved({ "features.0.weight": zeros(64, 3, 11, 11), "features.0.bias": zeros(64) });
  await expect(networkFor(names, { ...options, weights: alexnet }, say)).rejects.toThrow(
    /another network: features\.0\.weight is \(64, 3, 11, 11\), VGG19's conv1_1 has \(64, 3, 3, 3\)/,
  );
  const broken = join(folder, "broken.safetensors");
  writeFileSync(broken, "no tensors");
  await expect(networkFor(names, { ...options, weights: broken }, say)).rejects.toThrow(
    /cannot use the weights: .*broken/,
  );
  const missing = join(folder, "missing.safetensors");
  await expect(networkFor(names, { ...options, weights: missing }, say)).rejects.toThrow(/there is no such file/);
});

test("without weights the filters are random, the seed's, and that is said", async () => {
  const [a, b, c] = await Promise.all([1, 1, 2].map((seed) => networkFor(names, { ...options, seed }, say)));
  const weightOf = ({ vgg }: Network): Tensor => vgg.parameters()[0];
  expect(weightOf(a).equal(weightOf(b))).toBe(true);
  expect(weightOf(a).equal(weightOf(c))).toBe(false);
  expect(say).toHaveBeenCalledWith(expect.stringMatching(/this is the fallback.*\n.*--download.*--weights FILE/));
  expect(styleWeightOf(a, undefined, 1e6)).toBe(3e3);
  expect(styleWeightOf({ ...a, trained: true }, undefined, 1e6)).toBe(1e6);
  expect(styleWeightOf(a, 7, 1e6)).toBe(7);
});

test("Gram matrix and total variation of known numbers", () => {
  const x = tensor([[[[1, 2]], [[3, 4]]]]);
  expect(gram(x).tolist()).toEqual([
    [5 / 4, 11 / 4],
    [11 / 4, 25 / 4],
  ]);
  const y = tensor([
    [
      [
        [0, 1],
        [0, 3],
      ],
    ],
  ]);
  expect(totalVariation(y).item()).toBe((0 + 4) / 2 + (1 + 9) / 2);
});
