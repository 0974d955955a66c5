import { ArgumentError, type DType, empty } from "@kindling/autograd";
import type { PadMode } from "./functional/padding.js";
import { kaimingUniform_, uniform_ } from "./init.js";
import { Module } from "./module.js";
import { Parameter } from "./parameter.js";
import { settings, tuple } from "./repr.js";
import { repeated, type Sizes } from "./sizes.js";

/** What lies around the input: zeros, or what `functional.pad` puts there. */
export type PaddingMode = "zeros" | Exclude<PadMode, "constant">;

const paddingModes: readonly string[] = ["zeros", "reflect", "replicate", "circular"];

/** What convolutions in both directions and of all dimensions share. */
export abstract class Convolution extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[] | "same" | "valid";
  readonly dilation: readonly number[];
  readonly outputPadding: readonly number[];
  readonly groups: number;
  readonly paddingMode: PaddingMode;
  weight: Parameter;
  bias: Parameter | null;

  constructor(
    transposed: boolean,
    n: number,
    inChannels: number,
    outChannels: number,
    kernelSize: Sizes,
    stride: Sizes,
    padding: Sizes | "same" | "valid",
    outputPadding: Sizes,
    dilation: Sizes,
    groups: number,
    bias: boolean,
    paddingMode: PaddingMode,
    device: string | null,
    dtype: DType | null,
  ) {
    super();
    const refuse = (text: string): never => {
      throw new ArgumentError(text, { inChannels, outChannels, groups, padding, paddingMode });
    };
    if (!(groups > 0)) refuse("groups must be a positive integer");
    if (inChannels % groups !== 0) refuse("inChannels must be divisible by groups");
    if (outChannels % groups !== 0) refuse("outChannels must be divisible by groups");
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = repeated(kernelSize, n);
    this.stride = repeated(stride, n);
    this.dilation = repeated(dilation, n);
    this.outputPadding = repeated(outputPadding, n);
    this.groups = groups;
    this.paddingMode = paddingMode;
    if (typeof padding === "string") {
      if (padding !== "same" && padding !== "valid") {
        refuse(`Invalid padding string '${padding}', should be one of {'valid', 'same'}`);
      }
      if (padding === "same" && this.stride.some((s) => s !== 1)) {
        refuse("padding='same' is not supported for strided convolutions");
      }
    }
    this.padding = typeof padding === "string" ? padding : repeated(padding, n);
    if (!paddingModes.includes(paddingMode)) {
      refuse(
        `paddingMode must be one of {${paddingModes.map((m) => `'${m}'`).join(", ")}}, but got paddingMode='${paddingMode}'`,
      );
    }
    const [first, second] = transposed ? [inChannels, outChannels] : [outChannels, inChannels];
    this.weight = new Parameter(empty([first, second / groups, ...this.kernelSize], { device, dtype }));
    this.bias = bias ? new Parameter(empty([outChannels], { device, dtype })) : null;
    this.resetParameters();
  }

  /** Draws weight and bias anew. */
  resetParameters(): void {
    kaimingUniform_(this.weight, Math.sqrt(5));
    const inputs = this.weight.shape.slice(1).reduce((a, b) => a * b, 1);
    if (this.bias === null || inputs === 0) return;
    const bound = 1 / Math.sqrt(inputs);
    uniform_(this.bias, -bound, bound);
  }

  override extraRepr(): string {
    const { inChannels, outChannels, kernelSize, stride, padding, dilation, outputPadding, groups } = this;
    const all = (sizes: readonly number[], x: number): boolean => sizes.every((s) => s === x);
    const padded = typeof padding === "string" ? padding : all(padding, 0) ? null : tuple(padding);
    return `${inChannels}, ${outChannels}, ${settings({
      kernelSize: tuple(kernelSize),
      stride: tuple(stride),
      ...(padded !== null && { padding: padded }),
      ...(!all(dilation, 1) && { dilation: tuple(dilation) }),
      ...(!all(outputPadding, 0) && { outputPadding: tuple(outputPadding) }),
      ...(groups !== 1 && { groups }),
      ...(this.bias === null && { bias: false }),
      ...(this.paddingMode !== "zeros" && { paddingMode: this.paddingMode }),
    })}`;
  }
}
