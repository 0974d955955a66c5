import { ArgumentError, broadcastTensors, operator, ShapeError, type Tensor, tensor } from "@kindling/autograd";
import type { Cut } from "../args.js";

/** The cosine of the angle between vectors along `dim`: `x₁·x₂ / (max(‖x₁‖, eps) · max(‖x₂‖, eps))`. The inputs broadcast. */
export const cosineSimilarity = operator<
  (x1: Tensor, x2: Tensor, ...args: Cut<[dim: number, eps: number], { dim?: number; eps?: number }>) => Tensor
>("cosineSimilarity(x1, x2, dim=1, eps=1e-8)", (x1: Tensor, x2: Tensor, dim: number, eps: number) => {
  const [a, b] = broadcastTensors(x1, x2);
  return normalize(a, 2, dim, eps)
    .mul(normalize(b, 2, dim, eps))
    .sum(dim);
});

type NormalizeOptions = { p?: number; dim?: number; eps?: number };

/** `x / max(‖x‖ₚ, eps)` along `dim`. */
export const normalize = operator<
  (input: Tensor, ...args: Cut<[p: number, dim: number, eps: number], NormalizeOptions>) => Tensor
>("normalize(input, p=2, dim=1, eps=1e-12)", (input: Tensor, p: number, dim: number, eps: number) =>
  input.div(input.norm(p, dim, true).clampMin(eps)),
);

type PairwiseOptions = { p?: number; eps?: number; keepdim?: boolean };

/** The p-norm of `x1 − x2 + eps` along the last dimension; the inputs broadcast. */
export const pairwiseDistance = operator<
  (x1: Tensor, x2: Tensor, ...args: Cut<[p: number, eps: number, keepdim: boolean], PairwiseOptions>) => Tensor
>(
  "pairwiseDistance(x1, x2, p=2, eps=1e-6, keepdim=false)",
  (x1: Tensor, x2: Tensor, p: number, eps: number, keepdim: boolean) => x1.sub(x2).add(eps).norm(p, -1, keepdim),
);

/**
 * The p-norms of the differences of all pairs of rows of (N, M), each pair once: (N (N − 1) / 2), in the order (0, 1), (0, 2), …
 * @throws ShapeError for other than two dimensions, ArgumentError for a negative `p`
 */
export const pdist = operator<(input: Tensor, ...args: Cut<[p: number], { p?: number }>) => Tensor>(
  "pdist(input, p=2)",
  (input: Tensor, p: number) => {
    if (input.ndim !== 2) {
      throw new ShapeError(`pdist only supports 2D tensors, got: ${input.ndim}D`, { shape: input.shape });
    }
    if (!(p >= 0)) throw new ArgumentError("pdist only supports non-negative p values", { p });
    const rows = input.shape[0];
    const pairs = Array.from({ length: rows }, (_, i) => i).flatMap((i) =>
      Array.from({ length: rows - i - 1 }, (_, j) => [i, i + j + 1] as const),
    );
    const side = (k: 0 | 1): Tensor =>
      input.indexSelect(
        0,
        tensor(
          Int32Array.from(pairs, (pair) => pair[k]),
          { device: input.device },
        ),
      );
    const apart = side(0).sub(side(1));
    // the number of differences, as a function whose gradient is 0
    return p === 0 ? apart.sign().abs().sum(1) : apart.norm(p, 1);
  },
);
