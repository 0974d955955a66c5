import { ArgumentError, formatShape, isFloat, ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import { fresh, rawContiguous, rawFill } from "../dispatch.js";
import type { Derivative } from "../node.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { expectTensor, unsupported } from "./table.js";
import { squeeze, unsqueeze } from "./views.js";
import { addWindows, perDimension, solid, type Windows, windowsOf } from "./windows.js";

/*
 * Windows of images as columns, and columns added up to images: each is the other's derivative.
 */

const IM2COL: Derivative = {
  name: "Im2ColBackward0",
  backward: (node, g) => added(g, node.context as Windows),
};
const COL2IM: Derivative = {
  name: "Col2ImBackward0",
  backward: (node, g) => columnsOf(g, node.context as Windows),
};

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** (N, C, H, W) → (N, C · kH · kW, windows). */
function columnsOf(input: Tensor, w: Windows): Tensor {
  const { device, dtype } = input.storage;
  const [n, c] = input.shape;
  const out = fresh(device, dtype, [n, c * product(w.kernel), product(w.count)], "im2col");
  if (out.numel() > 0) {
    const windows = windowsOf(input, w);
    device.kernels.copy[dtype](solid(out, windows.shape), windows);
  }
  if (recording(input)) record(IM2COL, out, [input]).context = w;
  return out;
}

/** (N, C · kH · kW, windows) → (N, C, H, W). */
function added(columns: Tensor, w: Windows): Tensor {
  const { device, dtype } = columns.storage;
  const [n, rows] = columns.shape;
  const c = rows / product(w.kernel);
  const out = fresh(device, dtype, [n, c, ...w.size], "col2im");
  rawFill(out, 0);
  const from = rawContiguous(columns);
  addWindows(out, solid(from, [n, c, ...w.kernel, ...w.count]), w);
  if (recording(columns)) record(COL2IM, out, [columns]).context = w;
  return out;
}

type Sizes = number | readonly number[];

function pair(name: string, value: Sizes, least: number, complaint: string): number[] {
  const sizes = perDimension(value, 2);
  if (sizes === null) {
    throw new ArgumentError(`It is expected ${name} equals to 2, but got size ${(value as readonly number[]).length}`, {
      [name]: value,
    });
  }
  if (sizes.some((x) => !Number.isInteger(x) || x < least)) {
    throw new ArgumentError(`${complaint}, but got ${formatShape(sizes)}`, { [name]: sizes });
  }
  return sizes;
}

function windowsFor(size: readonly number[], kernelSize: Sizes, spread: Sizes, around: Sizes, steps: Sizes): Windows {
  const kernel = pair("kernelSize", kernelSize, 1, "kernel size should be greater than zero");
  const dilation = pair("dilation", spread, 1, "dilation should be greater than zero");
  const padding = pair("padding", around, 0, "padding should be non-negative");
  const stride = pair("stride", steps, 1, "stride should be greater than zero");
  const count = size.map(
    (s, d) => Math.floor((s + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1) / stride[d]) + 1,
  );
  return { size, kernel, count, stride, padding, dilation };
}

const tuple = (sizes: readonly number[]): string => `(${sizes.join(", ")})`;
const shown = ({ kernel, dilation, padding }: Windows): string =>
  `kernelSize=${tuple(kernel)}, dilation=${tuple(dilation)}, padding=${tuple(padding)}`;

interface ColumnOptions {
  kernelSize?: Sizes;
  dilation?: Sizes;
  padding?: Sizes;
  stride?: Sizes;
}

/** Expects (N, …) or (…) of `n` more dimensions, none but the batch empty. */
function expectBatch(input: Tensor, n: number): void {
  const batch = input.ndim === n + 1;
  if ((batch || input.ndim === n) && !input.shape.slice(batch ? 1 : 0).includes(0)) return;
  throw new ShapeError(
    `Expected ${n}D or ${n + 1}D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, but got: ${formatShape(input.shape)}`,
    { shape: input.shape },
  );
}

/**
 * All windows of images (N, C, H, W) or (C, H, W) as columns: (N, C · kH · kW, windows), which `nn.functional.unfold` names.
 * @throws ShapeError where no window fits
 */
export const im2col = operator<
  (
    self: Tensor,
    kernelSize: Sizes | ColumnOptions,
    dilation?: Sizes | ColumnOptions,
    padding?: Sizes | ColumnOptions,
    stride?: Sizes | ColumnOptions,
  ) => Tensor
>(
  "im2col(self, kernelSize, dilation=1, padding=0, stride=1)",
  (self: Tensor, kernelSize: Sizes, dilation: Sizes, padding: Sizes, stride: Sizes) => {
    expectTensor(self, "im2col");
    expectBatch(self, 3);
    if (!isFloat(self.dtype)) throw unsupported("im2col", self.dtype);
    const w = windowsFor(self.shape.slice(-2), kernelSize, dilation, padding, stride);
    if (w.count.some((m) => m < 1)) {
      throw new ShapeError(
        `Given input with spatial size ${tuple(w.size)}, ${shown(w)}, calculated shape of the array of sliding blocks as ${tuple(w.count)}, but its components must be at least one.`,
        { shape: self.shape },
      );
    }
    return self.ndim === 4 ? columnsOf(self, w) : squeeze(columnsOf(unsqueeze(self, 0), w), 0);
  },
);

/**
 * Columns (N, C · kH · kW, windows), or without N, added up where their windows lie: images (N, C, …outputSize), which
 * `nn.functional.fold` names.
 * @throws ShapeError where the columns are not as many as the image has windows
 */
export const col2im = operator<
  (
    self: Tensor,
    outputSize: Sizes,
    kernelSize: Sizes | ColumnOptions,
    dilation?: Sizes | ColumnOptions,
    padding?: Sizes | ColumnOptions,
    stride?: Sizes | ColumnOptions,
  ) => Tensor
>(
  "col2im(self, outputSize, kernelSize, dilation=1, padding=0, stride=1)",
  (self: Tensor, outputSize: Sizes, kernelSize: Sizes, dilation: Sizes, padding: Sizes, stride: Sizes) => {
    expectTensor(self, "col2im");
    expectBatch(self, 2);
    if (!isFloat(self.dtype)) throw unsupported("col2im", self.dtype);
    const size = pair("outputSize", outputSize, 1, "output size should be greater than zero");
    const w = windowsFor(size, kernelSize, dilation, padding, stride);
    const [rows, windows] = self.shape.slice(-2);
    if (rows % product(w.kernel) !== 0) {
      throw new ShapeError(
        `Expected size of input's dimension 1 to be divisible by the product of kernelSize, but got input.size(1)=${rows} and kernelSize=${tuple(w.kernel)}.`,
        { shape: self.shape },
      );
    }
    if (product(w.count) !== windows || w.count.some((m) => m < 1)) {
      throw new ShapeError(
        `Given outputSize=${tuple(size)}, ${shown(w)}, stride=${tuple(w.stride)}, expected size of input's dimension 2 to match the calculated number of sliding blocks ${w.count.join(" * ")} = ${product(w.count)}, but got input.size(2)=${windows}.`,
        { shape: self.shape },
      );
    }
    return self.ndim === 3 ? added(self, w) : squeeze(added(unsqueeze(self, 0), w), 0);
  },
);
