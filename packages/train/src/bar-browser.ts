import type { Bar } from "./bar.js";
import type { ProgressState } from "./progress.js";

/** Milliseconds between two lines. */
const EVERY = 5000;

/** A line on the console now and then. */
export function openBar(first: ProgressState): Bar {
  let [last, told] = [first, performance.now()];
  const tell = (): void => {
    const { done, total, unit, speed, left, note } = last;
    told = performance.now();
    // biome-ignore lint/suspicious/noConsole: what the bar is where there is no terminal
    console.log(
      `${Math.floor(total === 0 ? 100 : (100 * done) / total)}% · ${left} left · ${speed} ${unit}/s · ${note}`,
    );
  };
  return {
    draw(state) {
      last = state;
      if (performance.now() - told >= EVERY) tell();
    },
    close: tell,
  };
}
