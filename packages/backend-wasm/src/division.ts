/** `n / by`, rounded up. */
export const up = (n: number, by: number): number => Math.ceil(n / by);

/** `n` things in about equal parts of at most `most`: how many in a part. */
export const evenly = (n: number, most: number): number => up(n, up(n, most));
