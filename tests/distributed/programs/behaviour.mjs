// What DistributedDataParallel does besides averaging, on two ranks.
import {
  allReduce,
  DistributedDataParallel,
  DistributedSampler,
  getRank,
  getWorldSize,
  initProcessGroup,
} from "@kindling/distributed";
import { data, manualSeed, nn, noGrad, ones, optim, randn, tensor, zeros } from "kindling";
import { report } from "./report.mjs";

initProcessGroup();
const [rank, size] = [getRank(), getWorldSize()];
const found = {};

/** One weight, which is its own gradient's factor. */
class Scale extends nn.Module {
  weight = new nn.Parameter(ones(1));
  forward(x) {
    return this.weight.mul(x);
  }
}

// accumulation: two passes of its own, then one that averages all three
{
  const model = new DistributedDataParallel(new Scale());
  const grads = [];
  const pass = (x) => {
    model
      .forward(tensor([x]))
      .sum()
      .backward();
    grads.push(model.module.weight.grad.item());
  };
  model.noSync(() => pass(rank + 1));
  await model.noSync(async () => pass(10 * (rank + 1)));
  pass(100 * (rank + 1));
  found.accumulated = grads;
}

// parameters that a rank's pass leaves out, and one that nobody's reaches
class Branches extends nn.Module {
  common = new Scale();
  first = new Scale();
  second = new Scale();
  idle = new Scale();
  forward(x, which) {
    return { value: [this[which].forward(this.common.forward(x))] };
  }
}
{
  const model = new DistributedDataParallel(new Branches(), { findUnusedParameters: true });
  for (let i = 0; i < 2; i++) {
    model.zeroGrad();
    model
      .forward(tensor([rank + 1]), rank === 0 ? "first" : "second")
      .value[0].sum()
      .backward();
  }
  found.branches = Object.fromEntries(model.namedParameters().map(([name, p]) => [name, p.grad?.item() ?? null]));
}
{
  const model = new DistributedDataParallel(new Branches(), { bucketCapMb: 1e-6 });
  model
    .forward(tensor([1]), "first")
    .value[0].sum()
    .backward();
  try {
    model.forward(tensor([1]), "first");
  } catch (error) {
    found.unused = `${error.name}: ${error.message}`;
  }
}

// buffers: each rank has seen other data, all have rank 0's statistics
{
  manualSeed(rank);
  const norm = new nn.BatchNorm1d(3);
  norm.weight.requiresGrad_(false);
  const model = new DistributedDataParallel(norm);
  const own = [];
  for (let i = 0; i < 3; i++) {
    model.forward(randn(8, 3)).square().sum().backward();
    own.push(norm.running_mean.tolist());
  }
  found.statistics = [own, norm.num_batches_tracked.item(), Object.keys(model.stateDict())];
  model.eval();
  found.modes = [model.training, norm.training];
}

// loops of different lengths: rank 0 has two steps, rank 1 four
{
  const model = new DistributedDataParallel(new Scale());
  const optimizer = new optim.SGD(model.parameters(), { lr: 1 });
  const steps = await model.join(() => {
    for (let i = 0; i < 2 + 2 * rank; i++) {
      optimizer.zeroGrad();
      model
        .forward(tensor([0.25 * (rank + 1)]))
        .sum()
        .backward();
      optimizer.step();
    }
    return 2 + 2 * rank;
  });
  found.joined = [steps, model.module.weight.item()];
}

// a loader over this rank's share; what comes together is everything
{
  const samples = new data.TensorDataset(tensor(Int32Array.from({ length: 10 }, (_, i) => i)));
  const sampler = new DistributedSampler(samples);
  const loader = new data.DataLoader(samples, { batchSize: 2, sampler });
  const seen = zeros(10, { dtype: "int32" });
  const orders = [];
  for (const epoch of [0, 1]) {
    sampler.setEpoch(epoch);
    orders.push([...loader].flatMap(([batch]) => batch.tolist()));
  }
  for (const i of orders[1]) seen.setAt(i, 1);
  allReduce(seen);
  found.loaded = [orders, seen.tolist(), loader.length];
}

// other modules on other ranks; a graph recorded under noGrad takes no part
{
  const model = new DistributedDataParallel(new Scale());
  noGrad(() => rank === 0 && model.forward(tensor([1])));
  try {
    new DistributedDataParallel(new nn.Linear(2 + rank, 1));
  } catch (error) {
    found.different = `${error.name}: ${error.message}`;
  }
}
report({ rank, size, ...found });
