import { manualSeed, randn, type Tensor, tensor } from "@kindling/autograd";
import {
  Conv2d,
  CrossEntropyLoss,
  Embedding,
  Flatten,
  Linear,
  LSTM,
  MaxPool2d,
  Module,
  MSELoss,
  ReLU,
  Sequential,
  Tanh,
} from "@kindling/nn";
import { Adam, type Optimizer, SGD } from "@kindling/optim";
import type { Bench, Test } from "./bench.js";
import { isClose } from "./compare.js";

/** Something to train: everything is drawn on the CPU, from one seed, and brought to the device. */
interface Program {
  readonly model: Module;
  readonly optimizer: Optimizer;
  /** Of the one batch there is. */
  loss(): Tensor;
}

const STEPS = 12;
const classes = (device: string, ...labels: number[]): Tensor => tensor(labels, { dtype: "int32", device });

/** The last output of a recurrent layer over embedded symbols. */
class Reader extends Module {
  letters = new Embedding(7, 5);
  layer = new LSTM(5, 8);
  verdict = new Linear(8, 3);

  override forward(symbols: Tensor): Tensor {
    const [outputs] = this.layer.forward(this.letters.forward(symbols));
    return this.verdict.forward(outputs.at(-1));
  }
}

const programs: Readonly<Record<string, (device: string) => Program>> = {
  "a perceptron": (device) => {
    const model = new Sequential(new Linear(3, 16), new Tanh(), new Linear(16, 1)).to(device);
    const x = randn(24, 3);
    const [batch, target] = [x.to(device), x.prod(1, true).to(device)];
    return {
      model,
      optimizer: new SGD(model.parameters(), { lr: 0.2, momentum: 0.9 }),
      loss: () => new MSELoss().forward(model.forward(batch) as Tensor, target),
    };
  },
  "a convolutional network": (device) => {
    const model = new Sequential(
      new Conv2d(2, 4, 3, { padding: 1 }),
      new ReLU(),
      new MaxPool2d(2),
      new Flatten(),
      new Linear(36, 3),
    ).to(device);
    const batch = randn(6, 2, 6, 6).to(device);
    const labels = classes(device, 0, 1, 2, 0, 1, 2);
    return {
      model,
      optimizer: new Adam(model.parameters(), { lr: 0.02 }),
      loss: () => new CrossEntropyLoss().forward(model.forward(batch) as Tensor, labels),
    };
  },
  "a recurrent network": (device) => {
    const model = new Reader().to(device);
    const symbols = tensor([0, 3, 5, 2, 6, 1, 4, 4, 2, 0, 3, 6, 5, 1, 2, 0], { dtype: "int32", device }).reshape(4, 4);
    const labels = classes(device, 2, 0, 1, 2);
    return {
      model,
      optimizer: new Adam(model.parameters(), { lr: 0.05 }),
      loss: () => new CrossEntropyLoss().forward(model.forward(symbols), labels),
    };
  },
};

/** The losses of a short training, which is read from only when it is over. */
async function losses(program: (device: string) => Program, device: string): Promise<number[]> {
  manualSeed(7);
  const { optimizer, loss } = program(device);
  const seen: Tensor[] = [];
  for (let step = 0; step < STEPS; step++) {
    optimizer.zeroGrad();
    const now = loss();
    now.backward();
    optimizer.step();
    seen.push(now.detach());
  }
  return Promise.all(seen.map(async (t) => (await t.cpu()).item() as number));
}

/** Short trainings on the device, with modules and optimizers: their losses are those of the reference, and fall. */
export function* trainingTests({ subject, reference }: Bench): Iterable<Test> {
  for (const [name, program] of Object.entries(programs)) {
    const title = `training ${name}`;
    yield {
      title,
      async run() {
        const expected = await losses(program, reference.name);
        const got = await losses(program, subject.name);
        const wrong = expected.findIndex((loss, i) => !isClose(got[i], loss, { rtol: 1e-3, atol: 1e-5 }));
        if (wrong >= 0) {
          throw new Error(`${title}\n  the loss of step ${wrong}: expected ${expected[wrong]}, got ${got[wrong]}`);
        }
        if (got[STEPS - 1] > 0.7 * got[0]) throw new Error(`${title}\n  the loss does not fall: ${got.join(", ")}`);
      },
    };
  }
}
