import { readFileSync } from "node:fs";
import { cpus } from "node:os";

/** Processor seconds that the whole machine has spent. */
const machine = (): number =>
  cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000;

/** Processor seconds of this process and of those it has started and seen end; on Linux, of which alone this is known. */
function own(): number | undefined {
  try {
    const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1].split(" ");
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
  } catch {
    return undefined;
  }
}

/** Starts to watch; the result tells how many processors other programs have kept busy since, on average. */
export function watchOthers(): () => number | undefined {
  const [start, all, mine] = [performance.now(), machine(), own()];
  return () => {
    const now = own();
    if (mine === undefined || now === undefined) return undefined;
    return Math.max(0, machine() - all - (now - mine)) / ((performance.now() - start) / 1000);
  };
}
