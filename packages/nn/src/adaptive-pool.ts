import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  type OutputSize,
  type Tensor,
} from "@kindling/autograd";
import { binder, type Cut } from "./args.js";
import { adaptiveMaxPool1d, adaptiveMaxPool2d, adaptiveMaxPool3d } from "./functional/pooling.js";
import { Module } from "./module.js";
import { settings } from "./repr.js";

const bindSize = binder<[outputSize: OutputSize]>("AdaptiveAvgPool(outputSize)");
const bindMax = binder<[outputSize: OutputSize, returnIndices: boolean]>(
  "AdaptiveMaxPool(outputSize, returnIndices=false)",
);

/** What poolings to a given size share. */
abstract class AdaptivePool extends Module {
  readonly outputSize: OutputSize;

  constructor(outputSize: OutputSize) {
    super();
    this.outputSize = outputSize;
  }

  override extraRepr(): string {
    const { outputSize } = this;
    const shown = Array.isArray(outputSize) ? `(${outputSize.map(String).join(", ")})` : String(outputSize);
    return settings({ outputSize: shown });
  }
}

type AvgArgs = [outputSize: OutputSize | { outputSize: OutputSize }];

abstract class AdaptiveAvgPool extends AdaptivePool {
  protected readonly pool: typeof adaptiveAvgPool1d;

  constructor(pool: typeof adaptiveAvgPool1d, args: AvgArgs) {
    super(...bindSize(args));
    this.pool = pool;
  }

  override forward(input: Tensor): Tensor {
    return this.pool(input, this.outputSize);
  }
}

/**
 * Means of sequences over `outputSize` windows that cover them: (N, C, L) or (C, L) → (N, C, outputSize).
 *
 * @example
 * new nn.AdaptiveAvgPool1d(5).forward(randn(1, 64, 8)).shape; // [1, 64, 5]
 */
export class AdaptiveAvgPool1d extends AdaptiveAvgPool {
  constructor(...args: AvgArgs) {
    super(adaptiveAvgPool1d, args);
  }
}

/**
 * Means of images over windows that cover them: (N, C, H, W) or (C, H, W) → (N, C, …outputSize), where a number means both and
 * `null` keeps a size.
 *
 * @example
 * new nn.AdaptiveAvgPool2d([5, null]).forward(randn(1, 64, 8, 9)).shape; // [1, 64, 5, 9]
 */
export class AdaptiveAvgPool2d extends AdaptiveAvgPool {
  constructor(...args: AvgArgs) {
    super(adaptiveAvgPool2d, args);
  }
}

/**
 * Means of volumes over windows that cover them: (N, C, D, H, W) or (C, D, H, W) → (N, C, …outputSize).
 *
 * @example
 * new nn.AdaptiveAvgPool3d(1).forward(randn(1, 64, 8, 9, 10)).shape; // [1, 64, 1, 1, 1]
 */
export class AdaptiveAvgPool3d extends AdaptiveAvgPool {
  constructor(...args: AvgArgs) {
    super(adaptiveAvgPool3d, args);
  }
}

type MaxArgs<Indices extends boolean> = [
  outputSize: OutputSize,
  ...Cut<[returnIndices: Indices], { returnIndices?: Indices }>,
];

abstract class AdaptiveMaxPool<Indices extends boolean> extends AdaptivePool {
  readonly returnIndices: boolean;
  protected readonly pool: typeof adaptiveMaxPool1d;

  constructor(pool: typeof adaptiveMaxPool1d, args: MaxArgs<Indices>) {
    const [outputSize, returnIndices] = bindMax(args);
    super(outputSize);
    this.returnIndices = returnIndices;
    this.pool = pool;
  }

  override forward(input: Tensor): Indices extends true ? [values: Tensor, indices: Tensor] : Tensor {
    return this.pool(input, this.outputSize, this.returnIndices) as never;
  }
}

/**
 * The largest elements of sequences in `outputSize` windows that cover them: (N, C, L) or (C, L) → (N, C, outputSize). With
 * `returnIndices` `[values, indices]`.
 *
 * @example
 * new nn.AdaptiveMaxPool1d(5).forward(randn(1, 64, 8)).shape; // [1, 64, 5]
 */
export class AdaptiveMaxPool1d<Indices extends boolean = false> extends AdaptiveMaxPool<Indices> {
  constructor(...args: MaxArgs<Indices>) {
    super(adaptiveMaxPool1d, args);
  }
}

/**
 * The largest elements of images in windows that cover them: (N, C, H, W) or (C, H, W) → (N, C, …outputSize), where a number
 * means both and `null` keeps a size.
 *
 * @example
 * new nn.AdaptiveMaxPool2d([5, null]).forward(randn(1, 64, 8, 9)).shape; // [1, 64, 5, 9]
 */
export class AdaptiveMaxPool2d<Indices extends boolean = false> extends AdaptiveMaxPool<Indices> {
  constructor(...args: MaxArgs<Indices>) {
    super(adaptiveMaxPool2d, args);
  }
}

/**
 * The largest elements of volumes in windows that cover them: (N, C, D, H, W) or (C, D, H, W) → (N, C, …outputSize).
 *
 * @example
 * new nn.AdaptiveMaxPool3d(1).forward(randn(1, 64, 8, 9, 10)).shape; // [1, 64, 1, 1, 1]
 */
export class AdaptiveMaxPool3d<Indices extends boolean = false> extends AdaptiveMaxPool<Indices> {
  constructor(...args: MaxArgs<Indices>) {
    super(adaptiveMaxPool3d, args);
  }
}
