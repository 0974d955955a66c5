import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { init, manualSeed, memoryStats, nn, profile, randint, randn, scope, synchronize, type Tensor } from "kindling";
import { networks, transfer } from "../rows/style-transfer.js";
import { lstm, mlp, type ProgramRow, step } from "./programs.js";

/*
 * What a dispatch costs the host: node dist/gpu/host.js [--kernels] [--only LSTM] [--ms 1500]
 * Programs are so small that their kernels cost next to nothing. Only issuing is timed, from the first operator's call to the last submission; the device
 * is waited for in between.
 */

const { values: given } = parseArgs({
  options: {
    kernels: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    ms: { type: "string", default: "1500" },
  },
});
const [classes, device] = [10, "webgpu"];

const chain: ProgramRow = {
  name: "64 additions of 16 elements",
  prepare() {
    const [x, y] = [randn(16).to(device), randn(16).to(device)];
    return () => {
      let sum = x;
      for (let i = 0; i < 64; i++) sum = sum.add(y);
      return sum;
    };
  },
};

const cnn: ProgramRow = {
  name: "CNN, two convolutions with batch norm, batch 2, 8 pixels: training step",
  prepare() {
    const model = new nn.Sequential(
      new nn.Conv2d(3, 4, 3, { padding: 1 }),
      new nn.BatchNorm2d(4),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Conv2d(4, 8, 3, { padding: 1 }),
      new nn.BatchNorm2d(8),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Flatten(),
      new nn.Linear(32, classes),
    ).to(device);
    const x = randn(2, 3, 8, 8).to(device);
    const y = randint(classes, [2], { dtype: "int32" }).to(device);
    return step([...model.parameters()], () => nn.functional.crossEntropy(model.forward(x), y));
  },
};

const transformer: ProgramRow = {
  name: "transformer, one layer, 8 positions of 32, batch 2: training step",
  prepare() {
    const layer = new nn.TransformerEncoderLayer(32, 2, { dimFeedforward: 64, batchFirst: true }).to(device);
    const head = new nn.Linear(32, classes).to(device);
    const x = randn(2, 8, 32).to(device);
    const y = randint(classes, [2], { dtype: "int32" }).to(device);
    return step([...layer.parameters(), ...head.parameters()], () =>
      nn.functional.crossEntropy(head.forward((layer.forward(x) as Tensor).mean(1)), y),
    );
  },
};

const programs: ProgramRow[] = [
  chain,
  mlp({ batch: 4, inputs: 32, hidden: 64 }),
  lstm({ letters: 16, hidden: 32, batch: 4, length: 10 }),
  cnn,
  transformer,
  {
    name: "style transfer, VGG19 to conv5_1, 16 pixels",
    prepare: () => transfer(networks["VGG19 to conv5_1"], 16, device),
  },
];

/** Milliseconds that the main thread has computed: on Linux, what other threads and programs take is not in it; elsewhere the wall's clock. */
const now: () => number =
  process.platform === "linux"
    ? () => Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ")[0]) / 1e6
    : () => performance.now();
const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];

await init("webgpu");
manualSeed(1);
console.log("| program | kernels | µs a call | µs a kernel |\n| --- | --: | --: | --: |");
for (const { name, prepare } of programs.filter(({ name }) => name.includes(given.only))) {
  const call = prepare();
  const once = (): void => scope(() => void call());
  for (let i = 0; i < 20; i++) once();
  await synchronize();
  const { rows } = await profile(async () => once());
  const kernels = rows.reduce((sum, { calls }) => sum + calls, 0);
  const times: number[] = [];
  for (const start = performance.now(); performance.now() - start < Number(given.ms); ) {
    const from = now();
    for (let i = 0; i < 20; i++) once();
    times.push((1000 * (now() - from)) / 20);
    await synchronize();
  }
  const time = median(times);
  console.log(`| ${name} | ${kernels} | ${time.toFixed(0)} | ${(time / kernels).toFixed(1)} |`);
  if (given.kernels) for (const { name, calls } of rows) console.log(`${calls} ×  ${name}`);
}
console.log(memoryStats("webgpu"));
process.exit(); // Dawn holds the process
