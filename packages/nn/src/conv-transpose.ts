import {
  ArgumentError,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  type DType,
  ShapeError,
  type Tensor,
} from "@kindling/autograd";
import { binder, type Cut, type FactoryOptions } from "./args.js";
import { Convolution } from "./convolution.js";
import { tuple } from "./repr.js";
import type { Sizes } from "./sizes.js";

type TransposedSettings = [
  stride: Sizes,
  padding: Sizes,
  outputPadding: Sizes,
  groups: number,
  bias: boolean,
  dilation: Sizes,
  paddingMode: "zeros",
  device: string | null,
  dtype: DType | null,
];
interface TransposedOptions extends FactoryOptions {
  stride?: Sizes;
  padding?: Sizes;
  /** Elements added to one side of the output. */
  outputPadding?: Sizes;
  groups?: number;
  bias?: boolean;
  dilation?: Sizes;
  paddingMode?: "zeros";
}
type TransposedArgs = [
  inChannels: number,
  outChannels: number,
  kernelSize: Sizes,
  ...Cut<TransposedSettings, TransposedOptions>,
];
type OutputSizeArgs = Cut<[outputSize: readonly number[] | null], { outputSize?: readonly number[] | null }>;

const bindTransposed = binder<[number, number, Sizes, ...TransposedSettings]>(
  'ConvTranspose(inChannels, outChannels, kernelSize, stride=1, padding=0, outputPadding=0, groups=1, bias=true, dilation=1, paddingMode="zeros", device=null, dtype=null)',
);
const bindOutputSize = binder<[outputSize: readonly number[] | null]>("forward(outputSize=null)");

/** What transposed convolutions of all dimensions share. */
abstract class ConvTranspose extends Convolution {
  protected readonly convolve: typeof convTranspose1d;

  constructor(n: number, convolve: typeof convTranspose1d, args: TransposedArgs) {
    const [inChannels, outChannels, kernelSize, stride, padding, more, groups, bias, dilation, mode, device, dtype] =
      bindTransposed(args);
    if (mode !== "zeros") {
      throw new ArgumentError(`Only "zeros" padding mode is supported for ConvTranspose${n}d`, { paddingMode: mode });
    }
    // biome-ignore format: one call
    super(
      true, n, inChannels, outChannels, kernelSize, stride, padding, more, dilation, groups, bias, mode, device, dtype,
    );
    this.convolve = convolve;
  }

  /** `outputSize` picks one of the sizes that a convolution would have made the input's of, instead of `outputPadding`. */
  override forward(input: Tensor, ...args: OutputSizeArgs): Tensor {
    const { weight, bias, stride, padding, dilation, groups } = this;
    const [outputSize] = bindOutputSize(args);
    const more = outputSize === null ? this.outputPadding : this.paddingFor(input, outputSize);
    return this.convolve(input, weight, bias, stride, padding as readonly number[], more, groups, dilation);
  }

  private paddingFor(input: Tensor, outputSize: readonly number[]): number[] {
    const n = this.kernelSize.length;
    const lead = input.ndim - n;
    const wanted = outputSize.length === lead + n ? outputSize.slice(lead) : outputSize;
    if (wanted.length !== n) {
      throw new ArgumentError(
        `ConvTranspose${n}D: for ${input.ndim}D input, outputSize must have ${n} or ${lead + n} elements (got ${outputSize.length})`,
        { outputSize },
      );
    }
    const least = input.shape
      .slice(lead)
      .map(
        (m, d) =>
          (m - 1) * this.stride[d] - 2 * (this.padding[d] as number) + this.dilation[d] * (this.kernelSize[d] - 1) + 1,
      );
    const most = least.map((s, d) => s + this.stride[d] - 1);
    if (wanted.some((s, d) => s < least[d] || s > most[d])) {
      const shown = (sizes: readonly number[]): string => `[${sizes.join(", ")}]`;
      throw new ShapeError(
        `requested an output size of ${tuple(wanted)}, but valid sizes range from ${shown(least)} to ${shown(most)} (for an input of ${shown(input.shape.slice(lead))})`,
        { outputSize, least, most },
      );
    }
    return wanted.map((s, d) => s - least[d]);
  }
}

/**
 * Transposed convolution of sequences, the gradient of `Conv1d` for its input. Input (N, inChannels, L) or (inChannels, L), output
 * (N, outChannels, L′) with `L′ = (L − 1)·stride − 2·padding + dilation·(kernelSize − 1) + outputPadding + 1`, `weight`
 * (inChannels, outChannels/groups, kernelSize), `bias` (outChannels) or `null`. Both start uniform in ±1/√k with
 * `k = outChannels/groups · kernelSize`.
 *
 * @example
 * const layer = new nn.ConvTranspose1d(16, 33, 3, { stride: 2 });
 * layer.forward(randn(20, 16, 50)).shape; // [20, 33, 101]
 */
export class ConvTranspose1d extends ConvTranspose {
  constructor(...args: TransposedArgs) {
    super(1, convTranspose1d, args);
  }
}

/**
 * Transposed convolution of images: as `ConvTranspose1d` along both dimensions. Input (N, inChannels, H, W) or (inChannels, H, W),
 * output (N, outChannels, H′, W′), `weight` (inChannels, outChannels/groups, kH, kW).
 *
 * @example
 * const down = new nn.Conv2d(16, 16, 3, { stride: 2, padding: 1 });
 * const up = new nn.ConvTranspose2d(16, 16, 3, { stride: 2, padding: 1 });
 * const x = randn(1, 16, 12, 12);
 * up.forward(down.forward(x), { outputSize: x.shape }).shape; // [1, 16, 12, 12]
 */
export class ConvTranspose2d extends ConvTranspose {
  constructor(...args: TransposedArgs) {
    super(2, convTranspose2d, args);
  }
}

/**
 * Transposed convolution of volumes: as `ConvTranspose1d` along all three dimensions. Input (N, inChannels, D, H, W) or
 * (inChannels, D, H, W), output (N, outChannels, D′, H′, W′), `weight` (inChannels, outChannels/groups, kD, kH, kW).
 *
 * @example
 * const layer = new nn.ConvTranspose3d(2, 3, 3, { stride: 2 });
 * layer.forward(randn(1, 2, 2, 3, 4)).shape; // [1, 3, 5, 7, 9]
 */
export class ConvTranspose3d extends ConvTranspose {
  constructor(...args: TransposedArgs) {
    super(3, convTranspose3d, args);
  }
}
