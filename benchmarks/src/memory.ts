import { fileURLToPath } from "node:url";
import { manualSeed, nn, optim, rand, randint, type Tensor } from "kindling";

/*
 * Memory of long synchronous loops: three programs train for 10,000 steps without a single `await`, and nothing is disposed of.
 * Shown is the memory that the process has resident after step 500 and at the end. Each program wants a process of its own:
 * `node dist/memory.js mlp`.
 */

const STEPS = 10_000;
const EARLY = 500;

/** Makes a model, and gives what trains it for one step. */
type Program = () => (step: number) => void;

const programs: Record<string, Program> = {
  mlp() {
    const net = new nn.Sequential(
      new nn.Linear(64, 128),
      new nn.ReLU(),
      new nn.Linear(128, 64),
      new nn.ReLU(),
      new nn.Linear(64, 10),
    );
    const optimizer = new optim.Adam(net.parameters(), { lr: 1e-3 });
    return () => {
      optimizer.zeroGrad();
      nn.functional.crossEntropy(net.forward(rand(16, 64)), randint(10, [16])).backward();
      optimizer.step();
    };
  },

  lstm() {
    const lstm = new nn.LSTM(16, 32);
    const head = new nn.Linear(32, 5);
    const optimizer = new optim.SGD([...lstm.parameters(), ...head.parameters()], { lr: 0.01, momentum: 0.9 });
    return (step) => {
      optimizer.zeroGrad();
      const [out] = lstm.forward(rand(3 + (step % 17), 4, 16)) as [Tensor, unknown];
      nn.functional.crossEntropy(head.forward(out.at(-1)), randint(5, [4])).backward();
      optimizer.step();
    };
  },

  cnn() {
    const net = new nn.Sequential(
      new nn.Conv2d(1, 4, 3),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Conv2d(4, 8, 3),
      new nn.ReLU(),
      new nn.Flatten(),
      new nn.Linear(8 * 9, 10),
    );
    const optimizer = new optim.SGD(net.parameters(), { lr: 0.01 });
    return () => {
      optimizer.zeroGrad();
      nn.functional.crossEntropy(net.forward(rand(4, 1, 12, 12)), randint(10, [4])).backward();
      optimizer.step();
    };
  },
};

/** What a program had resident, in bytes. */
export interface Residence {
  readonly name: string;
  readonly early: number;
  readonly end: number;
}

export function residence(name: string): Residence {
  manualSeed(0);
  const step = programs[name]();
  let early = 0;
  for (let i = 1; i <= STEPS; i++) {
    step(i);
    if (i === EARLY) early = process.memoryUsage.rss();
  }
  return { name, early, end: process.memoryUsage.rss() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of process.argv.slice(2)) {
    const { early, end } = residence(name);
    const MB = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
    console.log(
      `${name}: ${MB(early)} after step ${EARLY}, ${MB(end)} after step ${STEPS} (${((100 * end) / early - 100).toFixed(1)} %)`,
    );
  }
}
