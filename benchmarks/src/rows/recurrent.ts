import { nn, optim, randint, type Tensor, zeros } from "kindling";
import { type Group, type Row, rate } from "../row.js";

/* A recurrent layer of 128 on 64 sequences of 10 one-hot letters, a classifier on its last state: one training step. */

const [length, batch, letters, hidden, classes] = [10, 64, 57, 128, 18];

/** What the three layers have in common; an LSTM's state is a pair. */
interface Recurrent extends nn.Module {
  forward(x: Tensor): [output: Tensor, state: Tensor | [h: Tensor, c: Tensor]];
}

const row = (name: "RNN" | "LSTM" | "GRU", targets: Row["targets"]): Row => ({
  name: `${name}, 64 × 10`,
  ...rate("steps/s", 1),
  targets,
  prepare() {
    const layer: Recurrent = new nn[name](letters, hidden);
    const head = new nn.Linear(hidden, classes);
    const optimizer = new optim.SGD([...layer.parameters(), ...head.parameters()], { lr: 0.005 });
    const x = zeros(length, batch, letters).scatter_(2, randint(letters, [length, batch, 1], { dtype: "int64" }), 1);
    const y = randint(classes, [batch], { dtype: "int64" });
    const criterion = new nn.CrossEntropyLoss();
    return {
      call() {
        optimizer.zeroGrad();
        const [, state] = layer.forward(x);
        const h = Array.isArray(state) ? state[0] : state;
        criterion.forward(head.forward(h.at(0)), y).backward();
        optimizer.step();
      },
    };
  },
});

export const recurrent: Group = {
  name: "recurrent",
  rows: [
    row("RNN", { kindling: { pytorch: 1 }, blas: { pytorch: 1 } }),
    row("LSTM", { kindling: { pytorch: 0.85 }, blas: { pytorch: 1 } }),
    row("GRU", { kindling: { pytorch: 0.85 }, blas: { pytorch: 1 } }),
  ],
};
