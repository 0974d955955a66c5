import type { Tensor } from "@kindling/autograd";
import { binder, type Cut } from "./args.js";
import { type InterpolationMode, interpolate } from "./functional/interpolation.js";
import { Module } from "./module.js";
import { real, settings } from "./repr.js";
import { asGiven, type Sizes } from "./sizes.js";

type Settings = [
  size: Sizes | null,
  scaleFactor: Sizes | null,
  mode: InterpolationMode,
  alignCorners: boolean | null,
  recomputeScaleFactor: boolean | null,
];
interface Options {
  size?: Sizes | null;
  scaleFactor?: Sizes | null;
  mode?: InterpolationMode;
  alignCorners?: boolean | null;
  recomputeScaleFactor?: boolean | null;
}

const bindUpsample = binder<Settings>(
  'Upsample(size=null, scaleFactor=null, mode="nearest", alignCorners=null, recomputeScaleFactor=null)',
);

/**
 * (N, C, …) of one, two or three dimensions resized to `size`, or by `scaleFactor`, as `functional.interpolate` does: "nearest",
 * "linear" (sequences), "bilinear" or "bicubic" (images), "trilinear" (volumes).
 *
 * @example
 * new nn.Upsample({ scaleFactor: 2, mode: "bilinear" }).forward(randn(1, 3, 4, 5)).shape; // [1, 3, 8, 10]
 */
export class Upsample extends Module {
  readonly size: Sizes | null;
  readonly scaleFactor: Sizes | null;
  readonly mode: InterpolationMode;
  readonly alignCorners: boolean | null;
  readonly recomputeScaleFactor: boolean | null;

  constructor(...args: Cut<Settings, Options>) {
    const [size, scaleFactor, mode, alignCorners, recomputeScaleFactor] = bindUpsample(args);
    super();
    this.size = size;
    this.scaleFactor = scaleFactor;
    this.mode = mode;
    this.alignCorners = alignCorners;
    this.recomputeScaleFactor = recomputeScaleFactor;
  }

  override forward(input: Tensor): Tensor {
    const { size, scaleFactor, mode, alignCorners, recomputeScaleFactor } = this;
    return interpolate(input, { size, scaleFactor, mode, alignCorners, recomputeScaleFactor });
  }

  override extraRepr(): string {
    const { size, scaleFactor: factor, mode } = this;
    if (factor === null) return settings({ size: size === null ? null : asGiven(size), mode });
    const shown = typeof factor === "number" ? real(factor) : `(${factor.map(real).join(", ")})`;
    return settings({ scaleFactor: shown, mode });
  }
}

type SizeArgs = Cut<[size: Sizes | null, scaleFactor: Sizes | null], Pick<Options, "size" | "scaleFactor">>;
const bindSize = binder<[size: Sizes | null, scaleFactor: Sizes | null]>("Upsampling(size=null, scaleFactor=null)");

/**
 * Images (N, C, H, W) resized to the nearest elements.
 *
 * @example
 * new nn.UpsamplingNearest2d({ scaleFactor: 2 }).forward(tensor([[[[1, 2]]]])); // tensor([[[[1., 1., 2., 2.], [1., 1., 2., 2.]]]])
 */
export class UpsamplingNearest2d extends Upsample {
  constructor(...args: SizeArgs) {
    const [size, scaleFactor] = bindSize(args);
    super(size, scaleFactor, "nearest");
  }
}

/**
 * Images (N, C, H, W) resized by bilinear interpolation, corners on corners.
 *
 * @example
 * new nn.UpsamplingBilinear2d([4, 5]).forward(randn(1, 3, 2, 2)).shape; // [1, 3, 4, 5]
 */
export class UpsamplingBilinear2d extends Upsample {
  constructor(...args: SizeArgs) {
    const [size, scaleFactor] = bindSize(args);
    super(size, scaleFactor, "bilinear", true);
  }
}
