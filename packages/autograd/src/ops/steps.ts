import type { View } from "@kindling/storage";
import { isContiguous, sameShape } from "@kindling/storage";
import type { Tensor } from "../tensor.js";
import { beginInPlace, bumpVersion } from "../views.js";

/*
 * Steps of optimizers as fast paths: one parameter with all that is kept for it, changed in one pass. All views are contiguous and
 * have one shape. The formulas, and the composites that compute them elsewhere, stand with the optimizers. `scale` is −1 where
 * the optimizer climbs, else 1: the gradient is multiplied by it before anything else, then `weightDecay · param` is added.
 */

interface Direction {
  readonly scale: number;
  readonly weightDecay: number;
}

/** `v = momentum · v + rate · g`; `param −= lr · v`, or `lr · (g + momentum · v)` with `nesterov`; without `v`, `lr · g`. */
export interface SgdStep extends Direction {
  readonly lr: number;
  readonly momentum: number;
  readonly rate: number;
  readonly nesterov: boolean;
}

/**
 * `param *= decay`; `m = beta1 · m + (1 − beta1) · g`; `v = beta2 · v + (1 − beta2) · g²`; `top = max(top, v)` where there is one;
 * `param −= lr · m / (√(top or v) / root + eps)`.
 */
export interface AdamStep extends Direction {
  readonly lr: number;
  readonly decay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly root: number;
  readonly eps: number;
}

/**
 * `v = alpha · v + (1 − alpha) · g²`; with a mean `a = alpha · a + (1 − alpha) · g`, `v − a²` takes its place below; `s = g / (√v + eps)`;
 * with a buffer `b = momentum · b + s` in the place of `s`; `param −= lr · s`.
 */
export interface RmspropStep extends Direction {
  readonly lr: number;
  readonly alpha: number;
  readonly eps: number;
  readonly momentum: number;
}

/** `v += g²`; `param −= lr · g / (√v + eps)`. */
export interface AdagradStep extends Direction {
  readonly lr: number;
  readonly eps: number;
}

type Kept = readonly (View | null)[];

declare module "@kindling/storage" {
  interface FastPaths {
    /** `kept`: the momentum, or `null`. */
    sgdStep(param: View, grad: View, kept: Kept, step: SgdStep): void;
    /** `kept`: the means of the gradient and of its square, the largest mean square or `null`. */
    adamStep(param: View, grad: View, kept: Kept, step: AdamStep): void;
    /** `kept`: the mean square, the mean or `null`, the momentum or `null`. */
    rmspropStep(param: View, grad: View, kept: Kept, step: RmspropStep): void;
    /** `kept`: the sum of squares. */
    adagradStep(param: View, grad: View, kept: Kept, step: AdagradStep): void;
  }
}

/** The fast paths that are steps, with what each is told. */
interface Steps {
  sgdStep: SgdStep;
  adamStep: AdamStep;
  rmspropStep: RmspropStep;
  adagradStep: AdagradStep;
}

/**
 * Makes the step `name` of `param`, in place, where the device has it as a fast path; `kept` is changed along with it.
 * @returns whether it was made; if not, nothing has changed
 */
export function fastStep<N extends keyof Steps>(
  name: N,
  param: Tensor,
  grad: Tensor,
  kept: readonly (Tensor | null)[],
  step: Steps[N],
): boolean {
  const { device, dtype } = param.storage;
  const fits = (t: Tensor | null): boolean =>
    t === null ||
    (t.storage.dtype === dtype &&
      t.storage.device === device &&
      sameShape(t.shape, param.shape) &&
      isContiguous(t.shape, t.strides));
  if (!(fits(param) && fits(grad) && kept.every(fits))) return false;
  beginInPlace(param);
  if (!device.tryFast<keyof Steps>(name, dtype, param, grad, kept, step as Steps[keyof Steps] as never)) return false;
  bumpVersion(param);
  for (const t of kept) if (t !== null) bumpVersion(t);
  return true;
}
