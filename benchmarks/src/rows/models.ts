import { nn, optim, randint, randn, type Tensor } from "kindling";
import { type Group, type Row, rate, type Work } from "../row.js";

/* Training steps of small models on batches of 64, Adam; of the transformer layer forward and backward alone. */

const targets = { kindling: { pytorch: 0.7, peers: 3 }, blas: { pytorch: 1 } };

const row = (name: string, prepare: () => Work): Row => ({ name, ...rate("steps/s", 1), targets, prepare });

function classifier(model: nn.Sequential, x: Tensor): Work {
  const y = randint(10, [64], { dtype: "int64" });
  const criterion = new nn.CrossEntropyLoss();
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
  return {
    call() {
      optimizer.zeroGrad();
      criterion.forward(model.forward(x), y).backward();
      optimizer.step();
    },
  };
}

const mlp = (): Work =>
  classifier(
    new nn.Sequential(
      new nn.Linear(784, 512),
      new nn.ReLU(),
      new nn.Linear(512, 256),
      new nn.ReLU(),
      new nn.Linear(256, 10),
    ),
    randn(64, 784),
  );

const lenet = (): Work =>
  classifier(
    new nn.Sequential(
      new nn.Conv2d(1, 6, 5, { padding: 2 }),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Conv2d(6, 16, 5),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Flatten(),
      new nn.Linear(400, 120),
      new nn.ReLU(),
      new nn.Linear(120, 84),
      new nn.ReLU(),
      new nn.Linear(84, 10),
    ),
    randn(64, 1, 28, 28),
  );

/** Model size 128, 4 heads, feed-forward 512, on 16 sequences of 64. */
function transformer(dropout: number): Work {
  const layer = new nn.TransformerEncoderLayer(128, 4, 512, dropout, { batchFirst: true });
  const [x, gradient] = [randn(16, 64, 128), randn(16, 64, 128)];
  return {
    call() {
      layer.zeroGrad();
      layer.forward(x).backward(gradient);
    },
  };
}

export const models: Group = {
  name: "models",
  rows: [
    row("MLP 784-512-256-10", mlp),
    row("LeNet-5", lenet),
    row("transformer layer", () => transformer(0)),
    row("transformer layer, dropout 0.1", () => transformer(0.1)),
  ],
};
