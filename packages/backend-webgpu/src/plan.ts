import type { Axes } from "./axes.js";

/* How reductions are spread over threads. */

/** Threads of a workgroup. */
export const THREADS = 256;
/** Workgroups that keep a GPU busy. */
export const BUSY = 1024;
/** Elements that a lane should at least have before there is another. */
const WORK = 4;

/** `a / b`, rounded up. */
export const up = (a: number, b: number): number => Math.ceil(a / b);

/** The largest power of two up to `n`, at least 1. */
const powerBelow = (n: number): number => 2 ** Math.floor(Math.log2(Math.max(1, n)));

/**
 * Lanes, a power of two, that share one of so many outputs of `count` elements each. Where neighbouring threads do not read `along` what
 * is reduced, 32 of them stand side by side if there are as many outputs.
 */
export const lanesFor = (outputs: number, count: number, along: boolean): number =>
  Math.min(powerBelow(up(count, WORK)), along ? THREADS : THREADS / Math.min(32, powerBelow(outputs)));

export interface Plan {
  readonly along: boolean;
  readonly lanes: number;
  /** Parts that what is reduced is cut into, and the elements of one. */
  readonly parts: number;
  readonly part: number;
}

export function planOf(outputs: number, count: number, along: boolean, mostParts = BUSY): Plan {
  const lanes = lanesFor(outputs, count, along);
  const groups = up(outputs, THREADS / lanes);
  const parts = Math.max(1, Math.min(mostParts, Math.floor(BUSY / groups), Math.floor(count / (lanes * WORK * 2))));
  return { along, lanes, parts, part: up(up(count, parts), lanes) * lanes };
}

/** The stride of the innermost dimension; where there is none, nothing is to be read along it. */
const innermost = (axes: Axes, view: number): number =>
  axes.count === 1 ? Number.POSITIVE_INFINITY : axes.strides[view][axes.sizes.length - 1];

/** Whether what is reduced lies closer together than the outputs' elements do. */
export const readsAlong = (kept: Axes, view: number, reduced: Axes, reducedView: number): boolean =>
  innermost(reduced, reducedView) <= innermost(kept, view);

/** WGSL of a thread's output in its workgroup, `mine`, and of its number among the lanes that share it, `first`. */
export function lanesText({ along, lanes }: Pick<Plan, "along" | "lanes">): string {
  const width = THREADS / lanes;
  return along
    ? `let mine = lane / ${lanes}u; let first = lane % ${lanes}u;`
    : `let mine = lane % ${width}u; let first = lane / ${width}u;`;
}

/** Elements that a thread has on their way from memory at once. */
const FLIGHT = 4;

/**
 * WGSL of a loop over every `step`th element from `from` on, up to `end`. `load` declares what is read of element `i`, with `k` in its
 * names, and `take` uses it: several elements are loaded before the first is used.
 */
export function eachOf(
  from: string,
  end: string,
  step: number,
  load: (i: string, k: number) => string,
  take: (k: number) => string,
): string {
  const all = Array.from({ length: FLIGHT }, (_, k) => k);
  return `{
    var i = ${from};
    for (; i + ${(FLIGHT - 1) * step}u < ${end}; i += ${FLIGHT * step}u) {
      ${all.map((k) => load(k === 0 ? "i" : `(i + ${k * step}u)`, k)).join("\n      ")}
      ${all.map(take).join("\n      ")}
    }
    for (; i < ${end}; i += ${step}u) {
      ${load("i", 0)}
      ${take(0)}
    }
  }`;
}
