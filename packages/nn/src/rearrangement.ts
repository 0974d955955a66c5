import { channelShuffle, col2im, im2col, pixelShuffle, pixelUnshuffle, type Tensor } from "@kindling/autograd";
import { binder, type Cut } from "./args.js";
import { Module } from "./module.js";
import { settings } from "./repr.js";
import { asGiven, type Sizes } from "./sizes.js";

/*
 * Modules that put the elements of images elsewhere: into columns, and between channels and places.
 */

const bindFactor = binder<[factor: number]>("PixelShuffle(upscaleFactor)");
const bindDownscale = binder<[factor: number]>("PixelUnshuffle(downscaleFactor)");
const bindGroups = binder<[groups: number]>("ChannelShuffle(groups)");

/**
 * Groups of r² channels as squares of r × r places, r the `upscaleFactor`: (*, C · r², H, W) → (*, C, H · r, W · r).
 *
 * @example
 * new nn.PixelShuffle(3).forward(randn(1, 9, 4, 4)).shape; // [1, 1, 12, 12]
 */
export class PixelShuffle extends Module {
  readonly upscaleFactor: number;

  constructor(...args: [upscaleFactor: number | { upscaleFactor: number }]) {
    const [factor] = bindFactor(args);
    super();
    this.upscaleFactor = factor;
  }

  override forward(input: Tensor): Tensor {
    return pixelShuffle(input, this.upscaleFactor);
  }

  override extraRepr(): string {
    return settings({ upscaleFactor: this.upscaleFactor });
  }
}

/**
 * The way back: (*, C, H · r, W · r) → (*, C · r², H, W), r the `downscaleFactor`.
 *
 * @example
 * new nn.PixelUnshuffle(3).forward(randn(1, 1, 12, 12)).shape; // [1, 9, 4, 4]
 */
export class PixelUnshuffle extends Module {
  readonly downscaleFactor: number;

  constructor(...args: [downscaleFactor: number | { downscaleFactor: number }]) {
    const [factor] = bindDownscale(args);
    super();
    this.downscaleFactor = factor;
  }

  override forward(input: Tensor): Tensor {
    return pixelUnshuffle(input, this.downscaleFactor);
  }

  override extraRepr(): string {
    return settings({ downscaleFactor: this.downscaleFactor });
  }
}

/**
 * The channels of (N, C, *) dealt out: channel `j` of group `i` becomes channel `i` of group `j`.
 *
 * @example
 * new nn.ChannelShuffle(2).forward(arange(4).reshape(1, 4, 1)).flatten(); // tensor([0, 2, 1, 3], dtype=int32)
 */
export class ChannelShuffle extends Module {
  readonly groups: number;

  constructor(...args: [groups: number | { groups: number }]) {
    const [groups] = bindGroups(args);
    super();
    this.groups = groups;
  }

  override forward(input: Tensor): Tensor {
    return channelShuffle(input, this.groups);
  }

  override extraRepr(): string {
    return settings({ groups: this.groups });
  }
}

type Settings = [dilation: Sizes, padding: Sizes, stride: Sizes];
type Options = { dilation?: Sizes; padding?: Sizes; stride?: Sizes };

const bindUnfold = binder<[Sizes, ...Settings]>("Unfold(kernelSize, dilation=1, padding=0, stride=1)");
const bindFold = binder<[Sizes, Sizes, ...Settings]>("Fold(outputSize, kernelSize, dilation=1, padding=0, stride=1)");

abstract class Columns extends Module {
  readonly kernelSize: Sizes;
  readonly dilation: Sizes;
  readonly padding: Sizes;
  readonly stride: Sizes;

  constructor(kernelSize: Sizes, dilation: Sizes, padding: Sizes, stride: Sizes) {
    super();
    this.kernelSize = kernelSize;
    this.dilation = dilation;
    this.padding = padding;
    this.stride = stride;
  }

  override extraRepr(): string {
    const { kernelSize, dilation, padding, stride } = this;
    return settings({
      kernelSize: asGiven(kernelSize),
      dilation: asGiven(dilation),
      padding: asGiven(padding),
      stride: asGiven(stride),
    });
  }
}

/**
 * All windows of images as columns: (N, C, H, W) or (C, H, W) → (N, C · kH · kW, windows).
 *
 * @example
 * new nn.Unfold([2, 3]).forward(randn(2, 5, 3, 4)).shape; // [2, 30, 4]
 */
export class Unfold extends Columns {
  constructor(...args: [kernelSize: Sizes, ...Cut<Settings, Options>]) {
    super(...bindUnfold(args));
  }

  override forward(input: Tensor): Tensor {
    return im2col(input, this.kernelSize, this.dilation, this.padding, this.stride);
  }
}

/**
 * Columns added up where their windows lie: (N, C · kH · kW, windows), or without N, → (N, C, …outputSize).
 *
 * @example
 * new nn.Fold([4, 5], [2, 2]).forward(randn(1, 3 * 2 * 2, 12)).shape; // [1, 3, 4, 5]
 */
export class Fold extends Columns {
  readonly outputSize: Sizes;

  constructor(...args: [outputSize: Sizes, kernelSize: Sizes, ...Cut<Settings, Options>]) {
    const [outputSize, kernelSize, dilation, padding, stride] = bindFold(args);
    super(kernelSize, dilation, padding, stride);
    this.outputSize = outputSize;
  }

  override forward(input: Tensor): Tensor {
    return col2im(input, this.outputSize, this.kernelSize, this.dilation, this.padding, this.stride);
  }

  override extraRepr(): string {
    return `${settings({ outputSize: asGiven(this.outputSize) })}, ${super.extraRepr()}`;
  }
}
