import { ArgumentError, log, noGrad, operator, ShapeError, type Tensor, where } from "@kindling/autograd";
import type { Cut } from "../args.js";
import { type Reduced, type Reduction, reduce } from "./loss.js";

/*
 * Losses that are the negative logarithm of a distribution's density, constants aside.
 */

type PoissonOptions = Reduced & { logInput?: boolean; full?: boolean; eps?: number };

/**
 * Of counts that are distributed as Poisson's law says: `eˣ − target · x`, or `x − target · log(x + eps)` where the input is not
 * a logarithm. `full` adds Stirling's approximation of `log(target!)` for targets above 1.
 */
export const poissonNllLoss = operator<
  (input: Tensor, target: Tensor, ...args: Cut<[logInput: boolean, full: boolean], PoissonOptions>) => Tensor
>(
  'poissonNllLoss(input, target, logInput=true, full=false, *, eps=1e-8, reduction="mean")',
  (input: Tensor, target: Tensor, logInput: boolean, full: boolean, eps: number, reduction: Reduction) => {
    checkReduction(reduction);
    const loss = logInput ? input.exp().sub(target.mul(input)) : input.sub(target.mul(log(input.add(eps))));
    if (!full) return reduce(loss, reduction);
    const above = target.gt(1);
    const t = where(above, target, 2); // so that no logarithm is taken of what is not counted
    const stirling = t
      .mul(log(t))
      .sub(t)
      .add(log(t.mul(2 * Math.PI)).mul(0.5));
    return reduce(loss.add(where(above, stirling, 0)), reduction);
  },
);

type GaussianOptions = Reduced & { full?: boolean; eps?: number };

/**
 * Of targets around `input` with variance `variance`: `(log v + (input − target)² / v) / 2`, `v = max(variance, eps)`. `variance`
 * has the shape of `input`, or lacks the last dimension, or has size 1 there. `full` adds `log(2π) / 2`.
 * @throws ArgumentError for a negative variance, where the device can be read synchronously
 */
export const gaussianNllLoss = operator<
  (
    input: Tensor,
    target: Tensor,
    variance: Tensor,
    ...args: Cut<[full: boolean, eps: number, reduction: Reduction], GaussianOptions>
  ) => Tensor
>(
  'gaussianNllLoss(input, target, var, full=false, eps=1e-6, reduction="mean")',
  (input: Tensor, target: Tensor, variance: Tensor, full: boolean, eps: number, reduction: Reduction) => {
    const spread = aligned(variance, input);
    checkReduction(reduction);
    if (spread.storage.device.backend.readSync !== undefined && spread.lt(0).any().item()) {
      throw new ArgumentError("var has negative entry/entries");
    }
    // the bound does not hide the variance from its gradient
    const v = spread.clone();
    noGrad(() => v.clampMin_(eps));
    const distance = input.sub(target);
    const loss = log(v).add(distance.mul(distance).div(v)).mul(0.5);
    return reduce(full ? loss.add(0.5 * Math.log(2 * Math.PI)) : loss, reduction);
  },
);

function aligned(variance: Tensor, input: Tensor): Tensor {
  const [own, wanted] = [variance.shape.join(), input.shape.join()];
  const lead = input.shape.slice(0, -1).join();
  if (own === wanted) return variance;
  if (own === lead) return variance.unsqueeze(-1);
  if (variance.shape.at(-1) === 1 && variance.shape.slice(0, -1).join() === lead) return variance;
  throw new ShapeError("var is of incorrect size", { var: variance.shape, input: input.shape });
}

function checkReduction(reduction: string): void {
  if (reduction === "none" || reduction === "mean" || reduction === "sum") return;
  throw new ArgumentError(`${reduction} is not valid`, { reduction });
}
