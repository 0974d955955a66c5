import { SingleBar } from "cli-progress";
import type { Bar } from "./bar.js";
import type { ProgressState } from "./progress.js";

/** A bar on a terminal; where the stream is none, a line every five seconds. */
export function openBar(
  first: ProgressState,
  stream: NodeJS.WritableStream & { columns?: number } = process.stderr,
): Bar {
  const { columns = 100 } = stream;
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
  bar.start(first.total, first.done, first);
  return { draw: (state) => bar.update(state.done, state), close: () => bar.stop() };
}
