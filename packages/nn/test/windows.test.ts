import { autograd, tensor } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import * as nn from "../src/index.js";
import { camel, decode, decodeOptions, expectClose, fixture, type Recorded, tensorsOf, weighted } from "./support.js";

/*
 * Convolution, pooling, padding and resizing against PyTorch: functions, and how modules print (their results are compared in
 * modules.test.ts).
 */

interface Call {
  readonly name: string;
  readonly args: unknown[];
  readonly kwargs: Record<string, unknown>;
  readonly out: unknown;
  readonly grads: (Recorded | null)[];
}
interface Printed {
  readonly class: string;
  readonly args: unknown[];
  readonly kwargs: Record<string, unknown>;
  readonly printed: string;
}
const { functions, modules } = fixture<{ functions: Record<string, Call>; modules: Record<string, Printed> }>(
  "windows",
);

const { functional: F } = nn;
// biome-ignore lint/suspicious/noExplicitAny: named by data
const [named, classes] = [F as any, nn as any];

describe("functions against PyTorch", () => {
  it.each(Object.entries(functions))("%s", (_, { name, args, kwargs, out, grads }) => {
    const given = decode(args) as unknown[];
    const leaves = tensorsOf(given).filter((t) => t.isFloatingPoint());
    for (const leaf of leaves) leaf.requiresGrad_();
    const ours = named[camel(name)](...given, decodeOptions(kwargs));
    expectClose(ours, out, "out");
    weighted([ours]).backward();
    grads.forEach((g, i) => {
      // where PyTorch gives zeros for what a result does not depend on
      const nothing = leaves[i].grad === null && (g?.data.every((x) => x === 0) ?? true);
      if (!nothing) expectClose(leaves[i].grad, g, `gradient ${i}`);
    });
  });
});

describe("modules print as PyTorch's", () => {
  const inOurNames = (text: string): string =>
    text
      .replace(/[a-z]+(_[a-z]+)+/g, camel)
      .replaceAll("True", "true")
      .replaceAll("False", "false")
      .replaceAll("None", "null");

  it.each(Object.entries(modules))("%s", (_, { class: name, args, kwargs, printed }) => {
    expect(`${new classes[name](...args, decodeOptions(kwargs))}`).toBe(inOurNames(printed));
  });

  it("those that it has not", () => {
    expect(`${new nn.CircularPad2d(1)}`).toBe("CircularPad2d((1, 1, 1, 1))");
    expect(`${new nn.ZeroPad1d([2, 0])}`).toBe("ZeroPad1d((2, 0))");
  });
});

describe("settings and inputs that cannot be", () => {
  const ones = (...shape: number[]) => tensor(1).expand(shape);
  const refused: Record<string, [() => unknown, string]> = {
    "groups that do not divide": [
      () => new nn.Conv2d(3, 4, 3, { groups: 2 }),
      "inChannels must be divisible by groups",
    ],
    "groups that do not divide the output": [
      () => new nn.Conv2d(4, 3, 3, { groups: 2 }),
      "outChannels must be divisible by groups",
    ],
    "no groups": [() => new nn.Conv2d(4, 4, 3, { groups: 0 }), "groups must be a positive integer"],
    "same with a stride": [
      () => new nn.Conv2d(1, 1, 3, { padding: "same", stride: 2 }),
      "padding='same' is not supported for strided convolutions",
    ],
    "an unknown padding mode": [
      () => new nn.Conv2d(1, 1, 3, { paddingMode: "foo" as "zeros" }),
      "paddingMode must be one of {'zeros', 'reflect', 'replicate', 'circular'}, but got paddingMode='foo'",
    ],
    "a padding mode of a transposed convolution": [
      () => new nn.ConvTranspose2d(1, 1, 3, { paddingMode: "reflect" as "zeros" }),
      'Only "zeros" padding mode is supported for ConvTranspose2d',
    ],
    "an output size": [
      () => new nn.ConvTranspose2d(1, 1, 3, { stride: 2 }).forward(ones(1, 1, 2, 2), [9, 9]),
      "requested an output size of (9, 9), but valid sizes range from [5, 5] to [6, 6] (for an input of [2, 2])",
    ],
    channels: [
      () => F.conv2d(ones(1, 4, 3, 3), ones(3, 3, 3, 3)),
      "Given groups=1, weight of size [3, 3, 3, 3], expected input[1, 4, 3, 3] to have 3 channels, but got 4 channels instead",
    ],
    dimensions: [
      () => F.conv2d(ones(3, 3), ones(3, 3, 3, 3)),
      "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [3, 3]",
    ],
    "a window larger than the input": [
      () => F.conv1d(ones(1, 3, 2), ones(3, 3, 3)),
      "Calculated padded input size per channel: (2). Kernel size: (3). Kernel size can't be greater than actual input size",
    ],
    "a bias": [
      () => F.conv2d(ones(1, 3, 3, 3), ones(3, 3, 3, 3), ones(2)),
      "Given weight of size [3, 3, 3, 3], expected bias to be 1-dimensional with 3 elements, but got bias of size [2] instead",
    ],
    "two dtypes": [
      () => F.conv2d(ones(1, 3, 3, 3).double(), ones(3, 3, 3, 3)),
      "Input type (double) and weight type (float) should be the same",
    ],
    "a list of strides": [
      () => F.conv2d(ones(1, 3, 3, 3), ones(3, 3, 3, 3), { stride: [1, 1, 1] }),
      "expected stride to be a single integer value or a list of 2 values to match the convolution dimensions, but got stride=[1, 1, 1]",
    ],
    "much padding": [
      () => F.maxPool2d(ones(1, 3, 3, 3), 2, 1, 2),
      "pad should be at most half of kernel size, but got pad=2 and kernelSize=2",
    ],
    "a small input": [
      () => F.avgPool2d(ones(1, 3, 3, 3), 4),
      "Given input size: (3x3x3). Calculated output size: (3x0x0). Output size is too small",
    ],
    integers: [() => F.maxPool2d(ones(1, 3, 4, 4).int(), 2), "\"maxPool2d\" not implemented for 'Int'"],
    "another shape of indices": [
      () => F.maxUnpool1d(ones(1, 2), ones(1, 1).int(), 2),
      "Expected shape of indices to be same as that of the input tensor ([1, 2]) but got indices tensor with shape: [1, 1]",
    ],
    "indices out of range": [
      () => F.maxUnpool1d(ones(1, 2), tensor([[0, 9]]).int(), 2),
      "index 9 is out of bounds for dimension 1 with size 4",
    ],
    "an output size of the way back": [
      () => F.maxUnpool2d(ones(1, 1, 2, 2), ones(1, 1, 2, 2).int(), 2, { outputSize: [1, 1] }),
      'invalid outputSize "(1, 1)" (dim 0 must be between 2 and 6)',
    ],
    "a mirror that is too short": [
      () => F.pad(ones(1, 3, 3), [3, 1], "reflect"),
      "Argument #4: Padding size should be less than the corresponding input dimension, but got: padding (3, 1) at dimension 2 of input [1, 3, 3]",
    ],
    "twice around": [
      () => F.pad(ones(1, 3, 3), [4, 1], "circular"),
      "Padding value causes wrapping around more than once.",
    ],
    "a value beside a mode": [
      () => F.pad(ones(1, 3, 3), [1, 1], "reflect", 1),
      'Padding mode "reflect" doesn\'t take in value argument',
    ],
    "size and factor": [
      () => F.interpolate(ones(1, 3, 3), { size: 2, scaleFactor: 2 }),
      "only one of size or scaleFactor should be defined",
    ],
    "corners of the nearest": [
      () => F.interpolate(ones(1, 3, 3), { size: 2, alignCorners: true }),
      "alignCorners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear",
    ],
    "a mode of other dimensions": [
      () => F.interpolate(ones(1, 3, 3), { size: 2, mode: "bilinear" }),
      "Got 3D input, but bilinear mode needs 4D input",
    ],
    "nothing left": [
      () => F.interpolate(ones(1, 3, 3, 3), { scaleFactor: 0.1 }),
      "Input and output sizes should be greater than 0, but got input (H: 3, W: 3) output (H: 0, W: 0)",
    ],
    "a grid of another batch": [
      () => F.gridSample(ones(2, 3, 3, 3), ones(1, 2, 2, 2)),
      "gridSample(): expected grid and input to have same batch size, but got input with sizes [2, 3, 3, 3] and grid with sizes [1, 2, 2, 2]",
    ],
    "an affine map of another shape": [
      () => F.affineGrid(ones(1, 2, 4), [1, 3, 3, 3]),
      "Expected a batch of 2D affine matrices of shape Nx2x3 for size (1, 3, 3, 3). Got [1, 2, 4].",
    ],
    "channels that make no squares": [
      () => F.pixelShuffle(ones(3, 3, 3), 2),
      "pixelShuffle expects its input's 'channel' dimension to be divisible by the square of upscaleFactor, but input.size(-3)=3 is not divisible by 4",
    ],
    "columns that are not as many": [
      () => F.fold(ones(1, 4, 5), 3, 2),
      "Given outputSize=(3, 3), kernelSize=(2, 2), dilation=(1, 1), padding=(0, 0), stride=(1, 1), expected size of input's dimension 2 to match the calculated number of sliding blocks 2 * 2 = 4, but got input.size(2)=5.",
    ],
  };

  it.each(Object.entries(refused))("%s", (_, [run, text]) => {
    expect(run).toThrow(text);
  });
});

describe("modules of windows", () => {
  it("are copied whole", () => {
    const net = new nn.Sequential(
      new nn.Conv2d(1, 2, 3, { padding: 1, paddingMode: "reflect" }),
      new nn.MaxPool2d(2),
      new nn.AdaptiveAvgPool2d(2),
      new nn.ConvTranspose2d(2, 1, 2, { stride: 2 }),
      new nn.ZeroPad2d(1),
    );
    const x = tensor([...Array(36).keys()], { dtype: "float32" }).reshape(1, 1, 6, 6);
    expect(nn.deepcopy(net).forward(x).equal(net.forward(x))).toBe(true);
  });

  it("deal channels out", () => {
    const dealt = new nn.ChannelShuffle(2).forward(tensor([0, 1, 2, 3, 4, 5]).reshape(1, 6, 1));
    expect(dealt.flatten().tolist()).toEqual([0, 3, 1, 4, 2, 5]);
    expect(`${new nn.ChannelShuffle(2)}`).toBe("ChannelShuffle(groups=2)");
  });

  it("take what max pooling gives", () => {
    const pool = new nn.MaxPool2d(2, { returnIndices: true });
    const x = tensor([
      [
        [5, 1, 2],
        [3, 4, 9],
        [8, 7, 6],
      ],
    ]).requiresGrad_(); // prettier-ignore
    const [values, indices] = pool.forward(x);
    const back = new nn.MaxUnpool2d(2).forward(values, indices, { outputSize: [3, 3] });
    expect(back.tolist()).toEqual([
      [
        [5, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
    ]); // prettier-ignore
    const [g] = autograd.grad([back.sum()], [x]);
    expect(g?.tolist()).toEqual([
      [
        [1, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
    ]); // prettier-ignore
  });
});
