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
const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];
if (getRank() === 0) console.log(`${getWorldSize()} ranks\n${"bytes".padStart(10)}  blocking  started   GB/s`);
for (let count = 1; count <= 2 ** 24; count *= 4) {
  const x = zeros(count);
  const runs = Math.max(11, Math.min(501, 2 ** 22 / count));
  const timed = [false, true].map((asyncOp) => {
    const times = [];
    for (let i = 0; i < runs + 3; i++) {
      barrier();
      const start = performance.now();
      allReduce(x, "sum", { asyncOp })?.wait();
      if (i >= 3) times.push(performance.now() - start);
    }
    return median(times);
  });
  if (getRank() > 0) continue;
  const [blocking, started] = timed.map((ms) => (ms < 0.1 ? `${(1000 * ms).toFixed(1)} µs` : `${ms.toFixed(2)} ms`));
  const rate = (4 * count) / timed[0] / 1e6;
  console.log(
    `${String(4 * count).padStart(10)} ${blocking.padStart(9)} ${started.padStart(9)} ${rate.toFixed(2).padStart(6)}`,
  );
}
destroyProcessGroup();
