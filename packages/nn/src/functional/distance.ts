import { broadcastTensors, operator, type Tensor } from "@kindling/autograd";
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
