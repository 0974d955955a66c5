import type { Tensor } from "@kindling/autograd";
import { binder, type Cut } from "./args.js";
import { localResponseNorm } from "./functional/local-response.js";
import { Module } from "./module.js";
import { real, settings } from "./repr.js";

const bindNorm = binder<[size: number, alpha: number, beta: number, k: number]>(
  "LocalResponseNorm(size, alpha=1e-4, beta=0.75, k=1)",
);

/**
 * Each element of (N, C, *) divided by what `size` neighbouring channels respond at its place:
 * `x / (k + alpha · mean of x²) ^ beta`. The shape stays.
 *
 * @example
 * new nn.LocalResponseNorm(2).forward(randn(32, 5, 24, 24)).shape; // [32, 5, 24, 24]
 */
export class LocalResponseNorm extends Module {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;

  constructor(
    ...args: [
      size: number,
      ...Cut<[alpha: number, beta: number, k: number], { alpha?: number; beta?: number; k?: number }>,
    ]
  ) {
    const [size, alpha, beta, k] = bindNorm(args);
    super();
    this.size = size;
    this.alpha = alpha;
    this.beta = beta;
    this.k = k;
  }

  override forward(input: Tensor): Tensor {
    return localResponseNorm(input, this.size, this.alpha, this.beta, this.k);
  }

  override extraRepr(): string {
    return `${this.size}, ${settings({ alpha: real(this.alpha), beta: real(this.beta), k: real(this.k) })}`;
  }
}
