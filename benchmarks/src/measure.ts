/** One row of a benchmark: a name that PyTorch's side uses too, a figure, its unit. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/** Seconds a call takes: the median of seven repeats of at least `minimum` seconds each, after a warm-up. */
export function seconds(call: () => void, minimum = 0.15, repeats = 7): number {
  const spell = (count: number): number => {
    const start = performance.now();
    for (let i = 0; i < count; i++) call();
    return (performance.now() - start) / 1000;
  };
  let count = 1;
  for (let t = spell(count); t < minimum; t = spell(count)) {
    count = Math.max(count + 1, Math.ceil(count * Math.min(10, (1.2 * minimum) / Math.max(t, 1e-9))));
  }
  return median(Array.from({ length: repeats }, () => spell(count) / count));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
