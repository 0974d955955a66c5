import { SingleBar } from "cli-progress";

export interface Progress {
  /**
   * Shows that `done` names are through, with a short note such as "epoch 3/27 · loss 0.712". Now and then it lets the event
   * loop run, so that the bar is drawn and Ctrl-C is heard inside a long training loop: await it.
   */
  update(done: number, note: string): Promise<void>;
  stop(): void;
}

/** How long the event loop may stand still, in milliseconds. */
const BREATH = 50;

/**
 * A progress bar with names per second and the time left; where the stream is no terminal, a line every five seconds.
 * @param total names to go through in all
 * @param start names that an earlier, resumed run has been through
 */
export function startProgress(total: number, start = 0, stream: NodeJS.WritableStream = process.stderr): Progress {
  const begin = performance.now();
  const { columns = 100 } = stream as Partial<NodeJS.WriteStream>;
  const bar = new SingleBar({
    // What matters most stands first: a narrow terminal cuts the line.
    format: "{bar} {percentage}% · {left} left · {speed} names/s · {note}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: Math.min(24, Math.max(6, columns - 75)),
    hideCursor: true,
    gracefulExit: false,
    noTTYOutput: true,
    notTTYSchedule: 5000,
    stream,
  });
  bar.start(total, start, { note: "starting", speed: "–", left: "–" });
  let breath = begin;
  return {
    async update(done, note) {
      const now = performance.now();
      const speed = (done - start) / ((now - begin) / 1000);
      bar.update(done, { note, speed: Math.round(speed), left: duration((total - done) / speed) });
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
