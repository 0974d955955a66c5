// mpirun -n 2 node benchmarks/distributed/all-reduce.mjs: how long an all-reduce takes, by size, blocking and started.
import {
  allReduce,
  barrier,
  destroyProcessGroup,
  getRank,
  getWorldSize,
  initProcessGroup,
} from "@kindling/distributed";
import { zeros } from "kindling";

initProcessGroup();
/** Milliseconds of a call, the shortest mean of three runs. */
function timed(count, call) {
  const runs = Math.max(6, Math.min(1000, 2 ** 22 / count));
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 3; i++) call();
    barrier();
    const start = performance.now();
    for (let i = 0; i < runs; i++) call();
    best = Math.min(best, (performance.now() - start) / runs);
  }
  return best;
}

timed(1, () => allReduce(zeros(1))); // V8 compiles
if (getRank() === 0) console.log(`${getWorldSize()} ranks\n${"bytes".padStart(10)}  blocking  started   GB/s`);
for (let count = 1; count <= 2 ** 24; count *= 4) {
  const x = zeros(count);
  const times = [false, true].map((asyncOp) => timed(count, () => allReduce(x, "sum", { asyncOp })?.wait()));
  if (getRank() > 0) continue;
  const [blocking, started] = times.map((ms) => (ms < 0.1 ? `${(1000 * ms).toFixed(1)} µs` : `${ms.toFixed(2)} ms`));
  const rate = (4 * count) / times[0] / 1e6;
  console.log(
    `${String(4 * count).padStart(10)} ${blocking.padStart(9)} ${started.padStart(9)} ${rate.toFixed(2).padStart(6)}`,
  );
}
destroyProcessGroup();
