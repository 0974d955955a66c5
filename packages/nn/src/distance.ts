import type { Tensor } from "@kindling/autograd";
import { binder, type Cut } from "./args.js";
import { cosineSimilarity, pairwiseDistance } from "./functional/distance.js";
import { Module } from "./module.js";

type Cosine = [dim: number, eps: number];
const bindCosine = binder<Cosine>("CosineSimilarity(dim=1, eps=1e-8)");

/**
 * The cosine of the angle between vectors along `dim`: two inputs that broadcast, the result without `dim`.
 *
 * @example
 * new nn.CosineSimilarity().forward(randn(100, 128), randn(100, 128)).shape; // [100]
 */
export class CosineSimilarity extends Module {
  readonly dim: number;
  readonly eps: number;

  constructor(...args: Cut<Cosine, { dim?: number; eps?: number }>) {
    const [dim, eps] = bindCosine(args);
    super();
    this.dim = dim;
    this.eps = eps;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, this.dim, this.eps);
  }
}

type Pairwise = [p: number, eps: number, keepdim: boolean];
const bindPairwise = binder<Pairwise>("PairwiseDistance(p=2, eps=1e-6, keepdim=false)");

/**
 * The p-norm of the difference (plus `eps`) of two inputs along the last dimension: (N, D) or (D) → (N) or ().
 *
 * @example
 * new nn.PairwiseDistance().forward(randn(100, 128), randn(100, 128)).shape; // [100]
 */
export class PairwiseDistance extends Module {
  readonly norm: number;
  readonly eps: number;
  readonly keepdim: boolean;

  constructor(...args: Cut<Pairwise, { p?: number; eps?: number; keepdim?: boolean }>) {
    const [p, eps, keepdim] = bindPairwise(args);
    super();
    this.norm = p;
    this.eps = eps;
    this.keepdim = keepdim;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return pairwiseDistance(x1, x2, this.norm, this.eps, this.keepdim);
  }
}
