import type { Work } from "./row.js";

/** How long to measure, in seconds. */
export interface Patience {
  /** One repeat. */
  readonly repeat: number;
  readonly repeats: number;
  /** Warming up. */
  readonly warm: number;
  /** Work whose first call took longer than this is not called again. */
  readonly slow: number;
}

const now = (): number => performance.now() / 1000;

/** Seconds a call takes, the median over the repeats after a warm-up; or what the work measures itself. */
export function measure(work: Work, { repeat, repeats, warm, slow }: Patience): number {
  if ("measure" in work) return work.measure();
  const spell = (count: number): number => {
    let total = 0;
    if (work.before) {
      for (let i = 0; i < count; i++) {
        work.before();
        const start = now();
        work.call();
        total += now() - start;
      }
    } else {
      const start = now();
      for (let i = 0; i < count; i++) work.call();
      total = now() - start;
    }
    return total;
  };
  let last = spell(1);
  if (last > slow) return last;
  for (const start = now(); now() - start < warm; ) last = spell(1);
  let count = 1;
  for (; last < repeat; last = spell(count)) {
    count = Math.max(count + 1, Math.ceil(count * Math.min(10, (1.2 * repeat) / Math.max(last, 1e-9))));
  }
  return median(Array.from({ length: repeats }, () => spell(count) / count));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
