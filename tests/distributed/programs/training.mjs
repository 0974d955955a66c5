// 100 steps on batches that the ranks share; told are the losses of the whole batches.
import {
  allReduce,
  DistributedDataParallel,
  getRank,
  getWorldSize,
  initProcessGroup,
  ReduceOp,
} from "@kindling/distributed";
import { manualSeed, nn, optim, randn, tensor } from "kindling";
import { report } from "./report.mjs";

initProcessGroup();
const [rank, size] = [getRank(), getWorldSize()];

function train(dtype, batch) {
  manualSeed(7);
  const x = randn(400, 6).to(dtype);
  const y = x.sin().sum(1, { keepdim: true });
  manualSeed(rank + 10); // the first weights differ, until rank 0's count
  const hidden = [new nn.Linear(6, 16), new nn.Tanh(), new nn.Linear(16, 16), new nn.Tanh()];
  const net = new nn.Sequential(...hidden, new nn.Linear(16, 1)).to(dtype);
  const model = new DistributedDataParallel(net, { bucketCapMb: 0.001 });
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  const losses = [];
  for (let step = 0; step < 100; step++) {
    const rows = Array.from({ length: batch }, (_, i) => (step * batch + i) % 400);
    const mine = tensor(Int32Array.from(rows.filter((_, i) => i % size === rank)));
    const errors = model.forward(x.indexSelect(0, mine)).sub(y.indexSelect(0, mine)).square();
    // where the shares differ the mean of means is not the mean
    const loss = batch % size === 0 ? errors.mean() : errors.sum().mul(size / batch);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    const whole = loss.detach();
    allReduce(whole, ReduceOp.AVG);
    losses.push(whole.item());
  }
  return { losses, names: Object.keys(model.stateDict()), weights: net.parameters().map((p) => p.tolist()) };
}

report({ float64: train("float64", 8), uneven: train("float64", 7), float32: train("float32", 8) });
