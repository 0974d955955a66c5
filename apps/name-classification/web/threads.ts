/**
 * Threads that train: all cores but one, which draws the page. Steps as small as these hardly gain by the last one, and a page without a core waits for
 * one in the midst of its frames.
 */
export const threads = (): number => Math.max(1, navigator.hardwareConcurrency - 1);
