import { manualSeed, nn, optim, rand, randint, type Tensor } from "kindling";
import type { Group, Row } from "../row.js";

/*
 * Long synchronous loops: programs that train for 10,000 steps without a single `await`, and dispose of nothing. The figure is what the
 * process has resident at the end, by what it had after step 500.
 */

const [early, steps] = [500, 10_000];

/** Makes a model, and gives what trains it for one step. */
type Program = () => (step: number) => void;

const mlp: Program = () => {
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
};

const lstm: Program = () => {
  const layer = new nn.LSTM(16, 32);
  const head = new nn.Linear(32, 5);
  const optimizer = new optim.SGD([...layer.parameters(), ...head.parameters()], { lr: 0.01, momentum: 0.9 });
  return (step) => {
    optimizer.zeroGrad();
    const [out] = layer.forward(rand(3 + (step % 17), 4, 16)) as [Tensor, unknown];
    nn.functional.crossEntropy(head.forward(out.at(-1)), randint(5, [4])).backward();
    optimizer.step();
  };
};

const cnn: Program = () => {
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
};

const row = (name: string, program: Program): Row => ({
  name: `memory after 10,000 steps, ${name}`,
  unit: "times that after 500",
  figure: (measured) => measured,
  better: "less",
  targets: { kindling: { atMost: 1.1 } },
  prepare() {
    manualSeed(0);
    const train = program();
    return {
      measure() {
        let before = 0;
        for (let step = 1; step <= steps; step++) {
          train(step);
          if (step === early) before = process.memoryUsage.rss();
        }
        return process.memoryUsage.rss() / before;
      },
    };
  },
});

export const longLoops: Group = {
  name: "loops",
  isolated: true,
  rows: [row("MLP", mlp), row("LSTM, varying lengths", lstm), row("small CNN", cnn)],
};
