import { ArgumentError } from "@kindling/autograd";
import { openBar } from "#bar";
import type { Bar } from "./bar.js";

/** Where a loop stands. */
export interface ProgressState {
  /** Units that are through, and units in all. */
  readonly done: number;
  readonly total: number;
  /** What is counted. */
  readonly unit: string;
  /** Units in a second, as it reads: "–" where none is through yet. */
  readonly speed: string;
  /** The time left, as it reads. */
  readonly left: string;
  /** What the loop says of itself. */
  readonly note: string;
}

export interface ProgressOptions {
  /** What is counted, in the plural: "batches", "steps". Default "steps". */
  unit?: string;
  /** Units that an earlier, resumed run has been through. Default 0. */
  start?: number;
  /** Draws the state in place of the bar: at the start, every 50 ms, and at the end. `() => {}` shows nothing. */
  show?: (state: ProgressState) => void;
}

/** What `startProgress` starts. */
export interface Progress {
  /**
   * Says that `done` units are through in all, and a short note such as "epoch 3/27 · loss 0.712". Every 50 ms it lets the event loop run, so that
   * the bar is drawn, Ctrl-C is heard and a page stays alive inside a long loop: await it.
   */
  update(done: number, note?: string): Promise<void>;
  /** Shows the last state, and leaves the line. */
  stop(): void;
}

/** How long the event loop may stand still, in milliseconds. */
const BREATH = 50;

/**
 * Shows how far a loop is: in Node a bar on stderr with units a second and the time left, or, where stderr is no terminal, a line every five
 * seconds; in a browser such a line on the console.
 *
 * ```js
 * const progress = startProgress(epochs * loader.length, { unit: "batches" });
 * for (…) await progress.update(++done, `loss ${loss.toFixed(3)}`);
 * progress.stop();
 * ```
 * @param total units to go through in all, those before `start` included
 * @throws ArgumentError where `total` is no number from 0 on
 */
export function startProgress(total: number, { unit = "steps", start = 0, show }: ProgressOptions = {}): Progress {
  if (!(total >= 0 && total < Number.POSITIVE_INFINITY)) {
    throw new ArgumentError(`startProgress: expected a number of ${unit} from 0 on, got ${total}`);
  }
  const begin = performance.now();
  let state: ProgressState = { done: start, total, unit, speed: "–", left: "–", note: "starting" };
  const bar: Bar = show === undefined ? openBar(state) : { draw: show, close: () => {} };
  bar.draw(state);
  let breath = begin;
  return {
    async update(done, note = "") {
      const now = performance.now();
      const speed = (done - start) / ((now - begin) / 1000);
      const reads = speed < 10 ? speed.toFixed(1) : String(Math.round(speed));
      state = { done, total, unit, speed: reads, left: duration((total - done) / speed), note };
      if (now - breath < BREATH) return;
      bar.draw(state);
      await new Promise((resume) => setTimeout(resume, 0));
      breath = performance.now();
    },
    stop() {
      bar.draw(state);
      bar.close();
    },
  };
}

/** Seconds as they read: 75 → "1m 15s". What is no number reads "–". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}s`;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${hours}h ${minutes}m` : `${minutes}m ${whole % 60}s`;
}
