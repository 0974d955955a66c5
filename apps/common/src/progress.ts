import { Writable } from "node:stream";
import { SingleBar } from "cli-progress";

export interface Progress {
  /**
   * Shows that `done` units are through, with a short note such as "epoch 3/27 · loss 0.712". Now and then it lets the event
   * loop run, so that the bar is drawn and Ctrl-C is heard inside a long loop: await it.
   */
  update(done: number, note: string): Promise<void>;
  stop(): void;
}

/** How long the event loop may stand still, in milliseconds. */
const BREATH = 50;

export interface ProgressOptions {
  /** What is counted, in the plural: "names", "steps". */
  unit: string;
  /** Units that an earlier, resumed run has been through. */
  start?: number;
  stream?: NodeJS.WritableStream;
  /** Shows nothing, where another process does. */
  quiet?: boolean;
}

const nowhere = (): NodeJS.WritableStream => new Writable({ write: (_chunk, _encoding, done) => done() });

/**
 * A progress bar with units per second and the time left; where the stream is no terminal, a line every five seconds.
 * @param total units to go through in all
 */
export function startProgress(
  total: number,
  { unit, start = 0, quiet = false, stream = quiet ? nowhere() : process.stderr }: ProgressOptions,
): Progress {
  const begin = performance.now();
  const { columns = 100 } = stream as Partial<NodeJS.WriteStream>;
  const bar = new SingleBar({
    // What matters most stands first: a narrow terminal cuts the line.
    format: "{bar} {percentage}% · {left} left · {speed} {unit}/s · {note}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: Math.min(24, Math.max(6, columns - 75)),
    hideCursor: true,
    gracefulExit: false,
    noTTYOutput: true,
    notTTYSchedule: 5000,
    stream,
  });
  bar.start(total, start, { unit, note: "starting", speed: "–", left: "–" });
  let breath = begin;
  return {
    async update(done, note) {
      const now = performance.now();
      const speed = (done - start) / ((now - begin) / 1000);
      bar.update(done, {
        note,
        speed: speed < 10 ? speed.toFixed(1) : Math.round(speed),
        left: duration((total - done) / speed),
      });
      if (now - breath < BREATH) return;
      await new Promise((resume) => setTimeout(resume, 0));
      breath = performance.now();
    },
    stop: () => bar.stop(),
  };
}

/** 75 → "1m 15s". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}s`;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours > 0 ? `${hours}h ${minutes}m` : `${minutes}m ${whole % 60}s`;
}
