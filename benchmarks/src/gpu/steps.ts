import { init, manualSeed, memoryStats, nn, optim, randint, randn, synchronize, type Tensor } from "kindling";

/*
 * Memory of device `webgpu` over 10,000 training steps of a program that disposes of nothing: node dist/gpu/steps.js
 * With --synchronous nothing is read before the end.
 */

const synchronous = process.argv.includes("--synchronous");
const MiB = 2 ** 20;
const [batch, inputs, hidden, classes] = [32, 64, 64, 10];

await init("webgpu");
manualSeed(1);
const model = new nn.Sequential(new nn.Linear(inputs, hidden), new nn.ReLU(), new nn.Linear(hidden, classes));
model.to("webgpu");
const optimizer = new optim.SGD(model.parameters(), { lr: 0.01 });
const x = randn(batch, inputs).to("webgpu");
const y = randint(classes, [batch], { dtype: "int32" }).to("webgpu");

function step(): Tensor {
  optimizer.zeroGrad();
  const loss = nn.functional.crossEntropy(model.forward(x), y);
  loss.backward();
  optimizer.step();
  return loss.detach();
}

const start = performance.now();
let last = Number.NaN;
for (let i = 1; i <= 10_000; i++) {
  const loss = step();
  if (i % 100 === 0 && !synchronous) last = (await loss.cpu()).item();
  if (i !== 500 && i % 2500 !== 0) continue;
  const { bytes, peakBytes, count, pooledBytes } = memoryStats("webgpu");
  const resident = process.memoryUsage.rss();
  const figures = [resident, bytes, peakBytes, pooledBytes].map((n) => (n / MiB).toFixed(1));
  const labels = ["MiB resident", "in use", "at most", "in the pool"];
  console.log(
    `step ${i}: ${figures.map((n, k) => `${n} ${labels[k]}`).join(", ")}; ${count} tensors; ${((performance.now() - start) / i).toFixed(2)} ms a step; loss ${last.toFixed(4)}`,
  );
}
await synchronize("webgpu");
process.exit(); // Dawn holds the process
