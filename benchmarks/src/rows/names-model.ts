import { cat, nn, type Tensor, tensor, zeros } from "kindling";
import { type Group, type Row, rate } from "../row.js";

/*
 * PyTorch's tutorial on classifying names, one name at a time: forward, backward, update. Its cell has changed over the years: the
 * output was made from input and hidden state, and is made from the new hidden state since 2021.
 */

const letters = 57;
const hidden = 128;
const languages = 18;
const learningRate = 0.005;
/** Names of a call. */
const count = 50;

class OutputOfInput extends nn.Module {
  i2h = new nn.Linear(letters + hidden, hidden);
  i2o = new nn.Linear(letters + hidden, languages);
  softmax = new nn.LogSoftmax(1);

  forward(x: Tensor, h: Tensor): [Tensor, Tensor] {
    const both = cat([x, h], 1);
    return [this.softmax.forward(this.i2o.forward(both)), this.i2h.forward(both)];
  }
}

class OutputOfHidden extends nn.Module {
  i2h = new nn.Linear(letters + hidden, hidden);
  h2o = new nn.Linear(hidden, languages);
  softmax = new nn.LogSoftmax(1);

  forward(x: Tensor, h: Tensor): [Tensor, Tensor] {
    const next = this.i2h.forward(cat([x, h], 1));
    return [this.softmax.forward(this.h2o.forward(next)), next];
  }
}

/** Name number `n` as one-hot letters `(length, 1, letters)`: five to ten letters, seven and a half on average. */
function encode(n: number): Tensor {
  const length = 5 + (n % 6);
  const data = new Float32Array(length * letters);
  for (let i = 0; i < length; i++) data[i * letters + ((7 * n + 11 * i) % 52)] = 1;
  return tensor(data).view(length, 1, letters);
}

const row = (name: string, make: () => OutputOfInput | OutputOfHidden): Row => ({
  name: `names model, ${name}`,
  ...rate("names/s", count),
  targets: { kindling: { pytorch: 2.5, peers: 10 } },
  prepare() {
    const model = make();
    const lines = Array.from({ length: count }, (_, n) => encode(n));
    const classes = lines.map((_, n) => tensor([n % languages], { dtype: "int64" }));
    const criterion = new nn.NLLLoss();
    const train = (n: number): number => {
      let h = zeros(1, hidden);
      let output = h;
      model.zeroGrad();
      const length = lines[n].shape[0];
      for (let i = 0; i < length; i++) [output, h] = model.forward(lines[n].at(i), h);
      const loss = criterion.forward(output, classes[n]);
      loss.backward();
      for (const p of model.parameters()) p.data.add_((p.grad as Tensor).data, { alpha: -learningRate });
      return Number(loss.item());
    };
    return {
      call() {
        for (let n = 0; n < count; n++) train(n);
      },
    };
  },
});

export const namesModel: Group = {
  name: "names",
  rows: [
    row("output of input and hidden", () => new OutputOfInput()),
    row("output of hidden", () => new OutputOfHidden()),
  ],
};
