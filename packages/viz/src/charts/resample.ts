/** Means over `count` equal stretches of the values; fewer values than that stay as they are. */
export function resample(values: readonly number[], count: number): number[] {
  if (values.length <= count) return [...values];
  return Array.from({ length: count }, (_, i) => {
    const start = Math.floor((i * values.length) / count);
    const end = Math.floor(((i + 1) * values.length) / count);
    return values.slice(start, end).reduce((a, b) => a + b, 0) / (end - start);
  });
}
