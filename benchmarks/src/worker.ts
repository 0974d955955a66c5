import { init, profile, setNumThreads } from "kindling";
import type { Job } from "./contestants.js";
import { measure } from "./measure.js";
import type { Row, Variant } from "./row.js";
import { groups } from "./rows.js";

/*
 * Our side of some rows, in a process of its own: `node worker.js VARIANT JOB`. Writes a line of JSON for each row.
 */

const [variant, argument] = process.argv.slice(2) as [Variant, string];
const { rows: names, threads, patience, profiled } = JSON.parse(argument) as Job;
const say = (line: object): void => console.log(JSON.stringify(line));

if (variant === "blas") {
  const { blasInfo } = await import("@kindling/backend-blas");
  const { available, description } = blasInfo();
  if (!available) {
    for (const row of names) say({ row, missing: description });
    process.exit();
  }
}
setNumThreads(threads);
await init("cpu");

const byName = new Map(groups.flatMap(({ rows }) => rows.map((row): [string, Row] => [row.name, row])));
for (const name of names) {
  const work = (byName.get(name) as Row).prepare();
  if (profiled) say({ row: name, profile: profileOf("call" in work ? work : { call: () => work.measure() }) });
  else say({ row: name, measured: measure(work, patience) });
}

/** The kernels that take longest in as many calls as fill a fifth of a second, after as many for optimized code. */
function profileOf({ before, call }: { before?(): void; call(): unknown }): string {
  const fill = (): void => {
    const start = performance.now();
    do {
      before?.();
      call();
    } while (performance.now() - start < 200);
  };
  fill();
  const lines = String(profile(fill)).split("\n");
  return lines.length > 12 ? [...lines.slice(0, 9), "…", ...lines.slice(-2)].join("\n") : lines.join("\n");
}
