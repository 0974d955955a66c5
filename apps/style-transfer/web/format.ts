/** 1000000 → "1,000,000". */
export const grouped = (value: number): string => value.toLocaleString("en", { maximumFractionDigits: 6 });

/** Seconds in words: "0.25 s", "40 s", "3 min". */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toPrecision(2)} s`;
  return seconds < 100 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
