import type { Tensor } from "@kindling/autograd";
import { binder, type Cut } from "./args.js";
import { Module } from "./module.js";
import { settings, tuple } from "./repr.js";

type FlattenSettings = [startDim: number, endDim: number];
const bindFlatten = binder<FlattenSettings>("Flatten(startDim=1, endDim=-1)");

/**
 * Makes one dimension of those from `startDim` to `endDim`, all but the first unless told: (N, *) → (N, ∏*).
 *
 * @example
 * new nn.Flatten().forward(randn(32, 1, 5, 5)).shape; // [32, 25]
 */
export class Flatten extends Module {
  readonly startDim: number;
  readonly endDim: number;

  constructor(...args: Cut<FlattenSettings, { startDim?: number; endDim?: number }>) {
    const [startDim, endDim] = bindFlatten(args);
    super();
    this.startDim = startDim;
    this.endDim = endDim;
  }

  override forward(input: Tensor): Tensor {
    return input.flatten(this.startDim, this.endDim);
  }

  override extraRepr(): string {
    return settings({ startDim: this.startDim, endDim: this.endDim });
  }
}

const bindUnflatten = binder<[dim: number, unflattenedSize: readonly number[]]>("Unflatten(dim, unflattenedSize)");

/**
 * Makes several dimensions of one; one of their sizes may be -1: (*, S, *) → (*, U₁ … Uₙ, *), `∏U = S`.
 *
 * @example
 * new nn.Unflatten(1, [2, 5, 5]).forward(randn(2, 50)).shape; // [2, 2, 5, 5]
 */
export class Unflatten extends Module {
  readonly dim: number;
  readonly unflattenedSize: readonly number[];

  constructor(...args: [dim: number, unflattenedSize: readonly number[]]) {
    const [dim, unflattenedSize] = bindUnflatten(args);
    super();
    this.dim = dim;
    this.unflattenedSize = [...unflattenedSize];
  }

  override forward(input: Tensor): Tensor {
    return input.unflatten(this.dim, this.unflattenedSize);
  }

  override extraRepr(): string {
    return `dim=${this.dim}, unflattenedSize=${tuple(this.unflattenedSize)}`;
  }
}
