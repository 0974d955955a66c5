// Every collective on every dtype, blocking and started, in contiguous memory and with gaps.
import {
  allGather,
  allGatherIntoTensor,
  allReduce,
  barrier,
  broadcast,
  getRank,
  getWorldSize,
  initProcessGroup,
  ReduceOp,
  reduceScatter,
  reduceScatterTensor,
} from "@kindling/distributed";
import { getNumThreads, ones, tensor, zeros } from "kindling";
import { report } from "./report.mjs";

initProcessGroup();
const rank = getRank();
const size = getWorldSize();

const results = {};
const numbers = (t) => t.to("float64").tolist();
for (const dtype of ["float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]) {
  const mine = (...values) => tensor(values, { dtype: "float64" }).to(dtype);
  const own = () => mine(rank + 1, rank % 2, 3 - rank);
  /** The same numbers in memory with gaps. */
  const gaps = (t) => zeros(t.numel(), 2, { dtype }).copy_(t.unsqueeze(1)).select(1, 0);
  for (const asyncOp of [false, true]) {
    const run = (collective, ...args) => collective(...args, { asyncOp })?.wait();
    const found = {};
    for (const op of Object.values(ReduceOp)) {
      if (op === "avg" && !dtype.includes("float")) continue;
      const [x, y] = [own(), gaps(own())];
      run(allReduce, x, op);
      run(allReduce, y, op);
      found[op] = [numbers(x), numbers(y)];
    }
    const taken = [own(), gaps(own())];
    for (const t of taken) run(broadcast, t, size - 1);
    found.broadcast = taken.map(numbers);
    const list = Array.from({ length: size }, () => zeros(3, { dtype }));
    const all = zeros(size, 3, { dtype });
    run(allGather, list, gaps(own()));
    run(allGatherIntoTensor, all, own());
    found.gathered = [list.map(numbers), numbers(all)];
    const parts = Array.from({ length: size }, (_, r) => mine(rank + r, 1, 0));
    const [part, other] = [zeros(3, { dtype }), gaps(zeros(3, { dtype }))];
    run(reduceScatter, part, parts, ReduceOp.MAX);
    const whole = zeros(size, 3, { dtype });
    for (const [r, p] of parts.entries()) whole.select(0, r).copy_(p);
    run(reduceScatterTensor, other, whole, ReduceOp.MAX);
    found.scattered = [numbers(part), numbers(other)];
    barrier({ asyncOp })?.wait();
    results[`${dtype}${asyncOp ? " started" : ""}`] = found;
  }
}

// in the tensor's own memory, whose caches and saved values must learn of it
const x = tensor([1, 2]);
const before = [x.storage.handle, x.storage.stamp, x.version];
const work = allReduce(x, { asyncOp: true });
const kept = x.storage.handle === before[0];
work.wait();

// more than goes in one piece
const large = [false, true].map((asyncOp) => {
  const t = ones(2 ** 22 + 5, { dtype: "float32" });
  allReduce(t, { asyncOp })?.wait();
  return [t.min().item(), t.max().item()];
});
report({
  large,
  rank,
  size,
  threads: getNumThreads(),
  results,
  inPlace: kept && x.storage.handle === before[0] && x.storage.stamp > before[1] && x.version > before[2],
  completed: work.isCompleted(),
});
