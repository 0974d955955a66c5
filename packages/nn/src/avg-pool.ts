import { avgPool1d, avgPool2d, avgPool3d, type Tensor } from "@kindling/autograd";
import { binder, type Cut } from "./args.js";
import { lpPool1d, lpPool2d, lpPool3d } from "./functional/pooling.js";
import { Module } from "./module.js";
import { settings } from "./repr.js";
import { asGiven, repeated, type Sizes } from "./sizes.js";

interface Options {
  /** From one window to the next; the size of the window unless given. */
  stride?: Sizes | null;
  /** Zeros added on both sides. */
  padding?: Sizes;
  /** Whether windows may reach over the end. */
  ceilMode?: boolean;
  /** Whether the added zeros count as elements. */
  countIncludePad?: boolean;
}
interface DivisorOptions extends Options {
  /** Divides the sums, instead of the number of elements. */
  divisorOverride?: number | null;
}
type Settings = [stride: Sizes | null, padding: Sizes, ceilMode: boolean, countIncludePad: boolean];
type DivisorSettings = [...Settings, divisorOverride: number | null];
type Args = [kernelSize: Sizes, ...Cut<DivisorSettings, DivisorOptions>];

const bind1d = binder<[Sizes, ...Settings]>(
  "AvgPool1d(kernelSize, stride=null, padding=0, ceilMode=false, countIncludePad=true)",
);
const bindPool = binder<[Sizes, ...DivisorSettings]>(
  "AvgPool(kernelSize, stride=null, padding=0, ceilMode=false, countIncludePad=true, divisorOverride=null)",
);

/** What averages of all dimensions share. */
abstract class AvgPool extends Module {
  readonly kernelSize: Sizes;
  readonly stride: Sizes;
  readonly padding: Sizes;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;

  constructor(kernelSize: Sizes, stride: Sizes | null, padding: Sizes, ceilMode: boolean, countIncludePad: boolean) {
    super();
    this.kernelSize = kernelSize;
    this.stride = stride ?? kernelSize;
    this.padding = padding;
    this.ceilMode = ceilMode;
    this.countIncludePad = countIncludePad;
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding } = this;
    return settings({ kernelSize: asGiven(kernelSize), stride: asGiven(stride), padding: asGiven(padding) });
  }
}

/**
 * The mean of each window of sequences: (N, C, L) or (C, L) → (N, C, L′) with
 * `L′ = ⌊(L + 2·padding − kernelSize) / stride⌋ + 1`, rounded up with `ceilMode`.
 *
 * @example
 * new nn.AvgPool1d(3, { stride: 2 }).forward(tensor([[1, 2, 3, 4, 5, 6, 7]])); // tensor([[2., 4., 6.]])
 */
export class AvgPool1d extends AvgPool {
  constructor(...args: [kernelSize: Sizes, ...Cut<Settings, Options>]) {
    const [kernelSize, stride, padding, ceilMode, countIncludePad] = bind1d(args);
    const one = (value: Sizes): Sizes => repeated(value, 1);
    super(one(kernelSize), stride === null ? null : one(stride), one(padding), ceilMode, countIncludePad);
  }

  override forward(input: Tensor): Tensor {
    return avgPool1d(input, this.kernelSize, this.stride, this.padding, this.ceilMode, this.countIncludePad);
  }
}

/** What averages that may have another divisor share. */
abstract class DividedPool extends AvgPool {
  readonly divisorOverride: number | null;
  protected readonly pool: typeof avgPool2d;

  constructor(pool: typeof avgPool2d, args: Args) {
    const [kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride] = bindPool(args);
    super(kernelSize, stride, padding, ceilMode, countIncludePad);
    this.divisorOverride = divisorOverride;
    this.pool = pool;
  }

  override forward(input: Tensor): Tensor {
    const { kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride } = this;
    return this.pool(input, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride);
  }
}

/**
 * The mean of each window of images: (N, C, H, W) or (C, H, W) → (N, C, H′, W′), along both dimensions as `AvgPool1d`.
 *
 * @example
 * new nn.AvgPool2d([3, 2], { stride: [2, 1] }).forward(randn(20, 16, 50, 32)).shape; // [20, 16, 24, 31]
 */
export class AvgPool2d extends DividedPool {
  constructor(...args: Args) {
    super(avgPool2d, args);
  }
}

/**
 * The mean of each window of volumes: (N, C, D, H, W) or (C, D, H, W) → (N, C, D′, H′, W′), as `AvgPool1d`.
 *
 * @example
 * new nn.AvgPool3d(2).forward(randn(1, 2, 4, 6, 8)).shape; // [1, 2, 2, 3, 4]
 */
export class AvgPool3d extends DividedPool {
  constructor(...args: Args) {
    super(avgPool3d, args);
  }
}

type LPArgs = [
  normType: number,
  kernelSize: Sizes,
  ...Cut<[stride: Sizes | null, ceilMode: boolean], { stride?: Sizes | null; ceilMode?: boolean }>,
];

const bindLP = binder<[number, Sizes, Sizes | null, boolean]>(
  "LPPool(normType, kernelSize, stride=null, ceilMode=false)",
);

/** What power averages of all dimensions share. */
abstract class LPPool extends Module {
  readonly normType: number;
  readonly kernelSize: Sizes;
  readonly stride: Sizes | null;
  readonly ceilMode: boolean;
  protected readonly pool: typeof lpPool1d;

  constructor(pool: typeof lpPool1d, args: LPArgs) {
    const [normType, kernelSize, stride, ceilMode] = bindLP(args);
    super();
    this.normType = normType;
    this.kernelSize = kernelSize;
    this.stride = stride;
    this.ceilMode = ceilMode;
    this.pool = pool;
  }

  override forward(input: Tensor): Tensor {
    return this.pool(input, this.normType, this.kernelSize, this.stride, this.ceilMode);
  }

  override extraRepr(): string {
    const { normType, kernelSize, stride, ceilMode } = this;
    return settings({
      normType,
      kernelSize: asGiven(kernelSize),
      stride: stride === null ? null : asGiven(stride),
      ceilMode,
    });
  }
}

/**
 * The p-norm of each window of sequences, `(Σ xᵖ)^(1/p)` with p the `normType`: (N, C, L) → (N, C, L′) as `AvgPool1d`; NaN where
 * the sum is negative.
 *
 * @example
 * new nn.LPPool1d(2, 2).forward(tensor([[3, 4, 6, 8]])); // tensor([[ 5., 10.]])
 */
export class LPPool1d extends LPPool {
  constructor(...args: LPArgs) {
    super(lpPool1d, args);
  }
}

/**
 * The p-norm of each window of images: (N, C, H, W) → (N, C, H′, W′), as `LPPool1d`.
 *
 * @example
 * new nn.LPPool2d(2, 3, { stride: 2 }).forward(randn(20, 16, 50, 32)).shape; // [20, 16, 24, 15]
 */
export class LPPool2d extends LPPool {
  constructor(...args: LPArgs) {
    super(lpPool2d, args);
  }
}

/**
 * The p-norm of each window of volumes: (N, C, D, H, W) → (N, C, D′, H′, W′), as `LPPool1d`.
 *
 * @example
 * new nn.LPPool3d(2, 2).forward(randn(1, 2, 4, 6, 8)).shape; // [1, 2, 2, 3, 4]
 */
export class LPPool3d extends LPPool {
  constructor(...args: LPArgs) {
    super(lpPool3d, args);
  }
}
