// mpirun -n 2 node benchmarks/distributed/overlap.mjs: steps of a transformer that average their gradients during backward, behind it, and not at all.
import {
  allReduce,
  DistributedDataParallel,
  destroyProcessGroup,
  getRank,
  getWorldSize,
  initProcessGroup,
} from "@kindling/distributed";
import { manualSeed, nn, optim, randn, tensor } from "kindling";

initProcessGroup();
const { now, later } = globalThis[Symbol.for("kindling.distributed.v1")].world;
const started = later.allReduce;
let waited = 0;
let polled = 0;

/** Adds up the time that MPI takes of the program's. */
function timed(call, add) {
  const begin = performance.now();
  const result = call();
  add(performance.now() - begin);
  return result;
}
const blocking = now.allReduce;
now.allReduce = (...args) =>
  timed(
    () => blocking(...args),
    (ms) => (waited += ms),
  );
const during = (...args) => {
  const request = timed(
    () => started(...args),
    (ms) => (polled += ms),
  );
  return {
    test: () =>
      timed(
        () => request.test(),
        (ms) => (polled += ms),
      ),
    wait: () =>
      timed(
        () => request.wait(),
        (ms) => (waited += ms),
      ),
  };
};
const behind = (...args) => ({ test: () => false, wait: () => now.allReduce(...args) });

const [width, layers, tokens, batch] = [256, 4, 64, 4];
const ways = [];
for (const cap of [1, 4, 25]) {
  manualSeed(1);
  const net = new nn.TransformerEncoder(
    new nn.TransformerEncoderLayer(width, 4, { dimFeedforward: 4 * width, dropout: 0, batchFirst: true }),
    layers,
  );
  const model = new DistributedDataParallel(net, { bucketCapMb: cap });
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-4 });
  const x = randn(batch, tokens, width);
  const pass = () => model.forward(x).square().mean().backward();
  const step = (run) => {
    optimizer.zeroGrad();
    run();
    optimizer.step();
  };
  ways.push({ name: `${cap} MB, during backward`, reduce: during, step: () => step(pass) });
  ways.push({ name: `${cap} MB, behind backward`, reduce: behind, step: () => step(pass) });
  if (cap === 25) ways.push({ name: "not averaged", reduce: during, step: () => step(() => model.noSync(pass)) });
}
const rounds = 5;
const sums = ways.map(() => [0, 0, 0]);
for (let round = -1; round < rounds; round++) {
  for (const [i, { reduce, step }] of ways.entries()) {
    later.allReduce = reduce;
    allReduce(tensor([0])); // all begin together
    [waited, polled] = [0, 0];
    const begin = performance.now();
    for (let k = 0; k < 3; k++) step();
    const spent = [performance.now() - begin, waited, polled];
    if (round >= 0) sums[i] = sums[i].map((sum, j) => sum + spent[j] / (3 * rounds));
  }
}
const means = tensor(sums);
allReduce(means, "avg");
if (getRank() === 0) {
  console.log(`${getWorldSize()} ranks, ms a step`.padEnd(28), "    step", "  waiting", "  polling");
  means.tolist().forEach((row, i) => {
    console.log(ways[i].name.padEnd(28), ...row.map((ms) => ms.toFixed(1).padStart(8)));
  });
}
destroyProcessGroup();
