import { maxPool1d, maxPool2d, maxPool3d, type Tensor } from "@kindling/autograd";
import { binder, type Cut } from "./args.js";
import { maxUnpool1d, maxUnpool2d, maxUnpool3d } from "./functional/pooling.js";
import { Module } from "./module.js";
import { settings, tuple } from "./repr.js";
import { asGiven, repeated, type Sizes } from "./sizes.js";

type Settings = [stride: Sizes | null, padding: Sizes, dilation: Sizes, returnIndices: boolean, ceilMode: boolean];

interface Options<Indices extends boolean> {
  /** From one window to the next; the size of the window unless given. */
  stride?: Sizes | null;
  /** Elements of −∞ added on both sides. */
  padding?: Sizes;
  dilation?: Sizes;
  /** Whether the result is `[values, indices]`, as `MaxUnpool` takes them. */
  returnIndices?: Indices;
  /** Whether windows may reach over the end. */
  ceilMode?: boolean;
}
type Args<Indices extends boolean> = [
  kernelSize: Sizes,
  ...Cut<
    [stride: Sizes | null, padding: Sizes, dilation: Sizes, returnIndices: Indices, ceilMode: boolean],
    Options<Indices>
  >,
];

const bindPool = binder<[Sizes, ...Settings]>(
  "MaxPool(kernelSize, stride=null, padding=0, dilation=1, returnIndices=false, ceilMode=false)",
);

/** What poolings of all dimensions share. */
abstract class MaxPool<Indices extends boolean> extends Module {
  readonly kernelSize: Sizes;
  readonly stride: Sizes;
  readonly padding: Sizes;
  readonly dilation: Sizes;
  readonly returnIndices: boolean;
  readonly ceilMode: boolean;
  protected readonly pool: typeof maxPool1d;

  constructor(pool: typeof maxPool1d, args: Args<Indices>) {
    const [kernelSize, stride, padding, dilation, returnIndices, ceilMode] = bindPool(args);
    super();
    this.kernelSize = kernelSize;
    this.stride = stride ?? kernelSize;
    this.padding = padding;
    this.dilation = dilation;
    this.returnIndices = returnIndices;
    this.ceilMode = ceilMode;
    this.pool = pool;
  }

  override forward(input: Tensor): Indices extends true ? [values: Tensor, indices: Tensor] : Tensor {
    const { kernelSize, stride, padding, dilation, ceilMode, returnIndices } = this;
    return this.pool(input, kernelSize, stride, padding, dilation, ceilMode, returnIndices) as never;
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    return settings({
      kernelSize: asGiven(kernelSize),
      stride: asGiven(stride),
      padding: asGiven(padding),
      dilation: asGiven(dilation),
      ceilMode,
    });
  }
}

/**
 * The largest element of each window of sequences: (N, C, L) or (C, L) → (N, C, L′) with
 * `L′ = ⌊(L + 2·padding − dilation·(kernelSize − 1) − 1) / stride⌋ + 1`, rounded up with `ceilMode`. With `returnIndices`
 * `[values, indices]`, where each was found.
 *
 * @example
 * const pool = new nn.MaxPool1d(3, { stride: 2 });
 * pool.forward(randn(20, 16, 50)).shape; // [20, 16, 24]
 */
export class MaxPool1d<Indices extends boolean = false> extends MaxPool<Indices> {
  constructor(...args: Args<Indices>) {
    super(maxPool1d, args);
  }
}

/**
 * The largest element of each window of images: (N, C, H, W) or (C, H, W) → (N, C, H′, W′), along both dimensions as `MaxPool1d`.
 *
 * @example
 * const pool = new nn.MaxPool2d([3, 2], { stride: [2, 1] });
 * pool.forward(randn(20, 16, 50, 32)).shape; // [20, 16, 24, 31]
 */
export class MaxPool2d<Indices extends boolean = false> extends MaxPool<Indices> {
  constructor(...args: Args<Indices>) {
    super(maxPool2d, args);
  }
}

/**
 * The largest element of each window of volumes: (N, C, D, H, W) or (C, D, H, W) → (N, C, D′, H′, W′), as `MaxPool1d`.
 *
 * @example
 * new nn.MaxPool3d(2).forward(randn(1, 2, 4, 6, 8)).shape; // [1, 2, 2, 3, 4]
 */
export class MaxPool3d<Indices extends boolean = false> extends MaxPool<Indices> {
  constructor(...args: Args<Indices>) {
    super(maxPool3d, args);
  }
}

type UnpoolArgs = [
  kernelSize: Sizes,
  ...Cut<[stride: Sizes | null, padding: Sizes], { stride?: Sizes | null; padding?: Sizes }>,
];
type UnpoolInputs = [
  input: Tensor,
  indices: Tensor,
  ...Cut<[outputSize: readonly number[] | null], { outputSize?: readonly number[] | null }>,
];

const bindUnpool = binder<[Sizes, Sizes | null, Sizes]>("MaxUnpool(kernelSize, stride=null, padding=0)");
const bindInputs = binder<[Tensor, Tensor, readonly number[] | null]>("forward(input, indices, outputSize=null)");

/** What the ways back of all dimensions share. */
abstract class MaxUnpool extends Module {
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  protected readonly unpool: typeof maxUnpool1d;

  constructor(n: number, unpool: typeof maxUnpool1d, args: UnpoolArgs) {
    const [kernelSize, stride, padding] = bindUnpool(args);
    super();
    this.kernelSize = repeated(kernelSize, n);
    this.stride = repeated(stride ?? kernelSize, n);
    this.padding = repeated(padding, n);
    this.unpool = unpool;
  }

  override forward(...args: UnpoolInputs): Tensor {
    const [input, indices, outputSize] = bindInputs(args);
    return this.unpool(input, indices, this.kernelSize, this.stride, this.padding, outputSize);
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding } = this;
    return settings({ kernelSize: tuple(kernelSize), stride: tuple(stride), padding: tuple(padding) });
  }
}

/**
 * Puts what `MaxPool1d` picked back where it was, among zeros: (N, C, L′) or (C, L′) → (N, C, L) with
 * `L = (L′ − 1)·stride − 2·padding + kernelSize`, or the `outputSize` given to `forward`.
 *
 * @example
 * const [values, indices] = new nn.MaxPool1d(2, { returnIndices: true }).forward(tensor([[1, 3, 4, 2]]));
 * new nn.MaxUnpool1d(2).forward(values, indices); // tensor([[0., 3., 4., 0.]])
 */
export class MaxUnpool1d extends MaxUnpool {
  constructor(...args: UnpoolArgs) {
    super(1, maxUnpool1d, args);
  }
}

/**
 * Puts what `MaxPool2d` picked back where it was: (N, C, H′, W′) or (C, H′, W′) → (N, C, H, W), as `MaxUnpool1d`.
 *
 * @example
 * const [values, indices] = new nn.MaxPool2d(2, { returnIndices: true }).forward(randn(1, 3, 4, 5));
 * new nn.MaxUnpool2d(2).forward(values, indices, { outputSize: [4, 5] }).shape; // [1, 3, 4, 5]
 */
export class MaxUnpool2d extends MaxUnpool {
  constructor(...args: UnpoolArgs) {
    super(2, maxUnpool2d, args);
  }
}

/**
 * Puts what `MaxPool3d` picked back where it was: (N, C, D′, H′, W′) or (C, D′, H′, W′) → (N, C, D, H, W), as `MaxUnpool1d`.
 *
 * @example
 * const [values, indices] = new nn.MaxPool3d(2, { returnIndices: true }).forward(randn(1, 3, 4, 4, 4));
 * new nn.MaxUnpool3d(2).forward(values, indices).shape; // [1, 3, 4, 4, 4]
 */
export class MaxUnpool3d extends MaxUnpool {
  constructor(...args: UnpoolArgs) {
    super(3, maxUnpool3d, args);
  }
}
