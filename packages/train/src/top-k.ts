import { ArgumentError, ShapeError, type Tensor } from "@kindling/autograd";

/**
 * Share of samples whose true class is among the `k` with the largest scores.
 * @param scores (N, C)
 * @param target true classes (N)
 * @throws ShapeError for other shapes; ArgumentError for a `k` that is not from 1 to C
 */
export function topKAccuracy(scores: Tensor, target: Tensor, k: number): number {
  if (scores.ndim !== 2 || target.ndim !== 1 || scores.shape[0] !== target.shape[0]) {
    throw new ShapeError("topKAccuracy expects scores (N, C) and targets (N)", {
      scores: scores.shape,
      target: target.shape,
    });
  }
  const [n, classes] = scores.shape;
  if (!Number.isInteger(k) || k < 1 || k > classes) throw new ArgumentError(`k must be from 1 to ${classes}, got ${k}`);
  if (n === 0) return 0;
  const [, found] = scores.detach().topk(k, 1);
  return (found.eq(target.unsqueeze(1)).any(1).sum().item() as number) / n;
}
