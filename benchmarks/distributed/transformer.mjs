// [mpirun -n N] node benchmarks/distributed/transformer.mjs [threads]: training steps of a transformer, and the rate of its arithmetic.
import {
  allReduce,
  DistributedDataParallel,
  destroyProcessGroup,
  getRank,
  getWorldSize,
  initProcessGroup,
} from "@kindling/distributed";
import { getNumThreads, manualSeed, nn, optim, randn, setNumThreads, tensor } from "kindling";

initProcessGroup();
if (process.argv[2]) setNumThreads(Number(process.argv[2]));
manualSeed(1);
const [width, layers, tokens, batch] = [256, 4, 64, 4];
const net = new nn.TransformerEncoder(
  new nn.TransformerEncoderLayer(width, 4, { dimFeedforward: 4 * width, dropout: 0, batchFirst: true }),
  layers,
);
const model = new DistributedDataParallel(net);
const optimizer = new optim.Adam(model.parameters(), { lr: 1e-4 });
const x = randn(batch, tokens, width);
const step = () => {
  optimizer.zeroGrad();
  model.forward(x).square().mean().backward();
  optimizer.step();
};
for (let i = 0; i < 3; i++) step();
const start = performance.now();
const steps = 12;
for (let i = 0; i < steps; i++) step();
const each = tensor([(performance.now() - start) / steps]);
allReduce(each, "max");
const parameters = net.parameters().reduce((n, p) => n + p.numel(), 0);
if (getRank() === 0) {
  const rate = (6 * parameters * tokens * batch) / (each.item() * 1e6);
  console.log(
    `${getWorldSize()} ranks of ${getNumThreads()} threads: ${(parameters / 1e6).toFixed(2)} million parameters, ${batch} × ${tokens} tokens a rank, ${each.item().toFixed(1)} ms a step, ${rate.toFixed(1)} GFLOPS a rank`,
  );
}
destroyProcessGroup();
