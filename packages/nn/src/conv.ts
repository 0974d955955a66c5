import { conv1d, conv2d, conv3d, type DType, type Tensor } from "@kindling/autograd";
import { binder, type Cut, type FactoryOptions } from "./args.js";
import { Convolution, type PaddingMode } from "./convolution.js";
import { pad } from "./functional/padding.js";
import type { Sizes } from "./sizes.js";

type Settings = [
  stride: Sizes,
  padding: Sizes | "same" | "valid",
  dilation: Sizes,
  groups: number,
  bias: boolean,
  paddingMode: PaddingMode,
  device: string | null,
  dtype: DType | null,
];
interface Options extends FactoryOptions {
  stride?: Sizes;
  /** Elements added on both sides, "valid" for none, "same" to keep the size. */
  padding?: Sizes | "same" | "valid";
  dilation?: Sizes;
  groups?: number;
  bias?: boolean;
  paddingMode?: PaddingMode;
}
type Args = [inChannels: number, outChannels: number, kernelSize: Sizes, ...Cut<Settings, Options>];

const bindForward = binder<[number, number, Sizes, ...Settings]>(
  'Conv(inChannels, outChannels, kernelSize, stride=1, padding=0, dilation=1, groups=1, bias=true, paddingMode="zeros", device=null, dtype=null)',
);

/** What convolutions of all dimensions share. */
abstract class Conv extends Convolution {
  protected readonly convolve: typeof conv1d;

  constructor(n: number, convolve: typeof conv1d, args: Args) {
    const [inChannels, outChannels, kernelSize, stride, padding, dilation, groups, bias, mode, device, dtype] =
      bindForward(args);
    // biome-ignore format: one call
    super(
      false, n, inChannels, outChannels, kernelSize, stride, padding, 0, dilation, groups, bias, mode, device, dtype,
    );
    this.convolve = convolve;
  }

  override forward(input: Tensor): Tensor {
    const { weight, bias, stride, padding, dilation, groups, paddingMode } = this;
    if (paddingMode === "zeros") return this.convolve(input, weight, bias, stride, padding, dilation, groups);
    const around = pad(input, this.around(), paddingMode);
    return this.convolve(around, weight, bias, stride, 0, dilation, groups);
  }

  /** Padding before and after, as `pad` takes it: the last dimension first. */
  private around(): number[] {
    const { padding, kernelSize, dilation } = this;
    return kernelSize
      .flatMap((k, d) => {
        if (typeof padding !== "string") return [padding[d], padding[d]];
        const total = padding === "same" ? dilation[d] * (k - 1) : 0;
        const before = Math.floor(total / 2);
        return [total - before, before];
      })
      .reverse();
  }
}

/**
 * Convolution of sequences: `out[o] = bias[o] + Σ_c weight[o, c] ⋆ input[c]`, where ⋆ is cross-correlation. Input (N, inChannels, L) or
 * (inChannels, L), output (N, outChannels, L′) with `L′ = ⌊(L + 2·padding − dilation·(kernelSize − 1) − 1) / stride⌋ + 1`,
 * `weight` (outChannels, inChannels/groups, kernelSize), `bias` (outChannels) or `null`. Both start uniform in ±1/√k with
 * `k = inChannels/groups · kernelSize`.
 *
 * @example
 * const layer = new nn.Conv1d(16, 33, 3, { stride: 2 });
 * layer.forward(randn(20, 16, 50)).shape; // [20, 33, 24]
 */
export class Conv1d extends Conv {
  constructor(...args: Args) {
    super(1, conv1d, args);
  }
}

/**
 * Convolution of images: as `Conv1d` along both dimensions. Input (N, inChannels, H, W) or (inChannels, H, W), output
 * (N, outChannels, H′, W′), `weight` (outChannels, inChannels/groups, kH, kW). Sizes are a number or one for each dimension.
 *
 * @example
 * const layer = new nn.Conv2d(16, 33, [3, 5], { stride: [2, 1], padding: [4, 2], dilation: [3, 1] });
 * layer.forward(randn(2, 16, 50, 100)).shape; // [2, 33, 26, 100]
 */
export class Conv2d extends Conv {
  constructor(...args: Args) {
    super(2, conv2d, args);
  }
}

/**
 * Convolution of volumes: as `Conv1d` along all three dimensions. Input (N, inChannels, D, H, W) or (inChannels, D, H, W), output
 * (N, outChannels, D′, H′, W′), `weight` (outChannels, inChannels/groups, kD, kH, kW).
 *
 * @example
 * const layer = new nn.Conv3d(2, 3, 3, { stride: 2 });
 * layer.forward(randn(1, 2, 5, 7, 9)).shape; // [1, 3, 2, 3, 4]
 */
export class Conv3d extends Conv {
  constructor(...args: Args) {
    super(3, conv3d, args);
  }
}
