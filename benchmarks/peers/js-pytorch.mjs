// js-pytorch: eager, in plain JavaScript. It has neither tanh nor convolutions.
import { torch } from "js-pytorch";
import { cells, convolutionName, convolutions, measure, names, networks, products } from "./harness.mjs";

const rows = {};

const steps = { add: (y, b) => y.add(b), mul: (y, b) => y.mul(b) };
for (const [name, step] of Object.entries(steps)) {
  const vector = () => torch.randn([10], true);
  rows[`${name}, 10 elements`] = () => {
    const [a, b] = [vector(), vector()];
    // it links a result to its operands, which would grow without end
    return () => {
      step(a, b);
      a.children.length = 0;
      b.children.length = 0;
    };
  };
  rows[`chain of 1,000 ${name}, forward + backward`] = () => {
    const [a, b] = [vector(), vector()];
    return () => {
      let y = a;
      for (let i = 0; i < 1000; i++) y = step(y, b);
      y.sum().backward();
      a.zero_grad();
      b.zero_grad();
      a.children.length = 0;
      b.children.length = 0;
    };
  };
}
rows["tanh, 10 elements"] = "no tanh";
rows["chain of 1,000 tanh, forward + backward"] = "no tanh";

for (const n of products) {
  rows[`matmul ${n} × ${n}`] = () => {
    const [a, b] = [torch.randn([n, n]), torch.randn([n, n])];
    return () => a.matmul(b);
  };
}

for (const [channels, size] of convolutions) rows[convolutionName(channels, size)] = "no convolution";
rows["LeNet-5"] = "no convolution";
for (const name of Object.keys(networks)) {
  for (const size of [128, 256]) rows[`style transfer, ${name}, ${size}`] = "no convolution";
}
for (const name of Object.keys(cells)) if (names.length) rows[name] = "no concatenation, no log-softmax";

const pointwise = { ...steps, exp: (a) => a.exp(), sum: (a) => a.sum() };
const relu = new torch.nn.ReLU();
pointwise.relu = (a) => relu.forward(a);
for (const [name, call] of Object.entries(pointwise)) {
  rows[`${name}, 10k`] = () => {
    const [a, b] = [torch.randn([10_000]), torch.randn([10_000])];
    return () => call(a, b);
  };
  rows[`${name}, 1M`] = rows[`${name}, 1M in place`] = () => {
    const [a, b] = [torch.randn([1000, 1000]), torch.randn([1000, 1000])];
    return () => call(a, b);
  };
}

rows["MLP 784-512-256-10"] = () => {
  class MLP extends torch.nn.Module {
    constructor() {
      super();
      this.one = new torch.nn.Linear(784, 512);
      this.two = new torch.nn.Linear(512, 256);
      this.three = new torch.nn.Linear(256, 10);
      this.relu = new torch.nn.ReLU();
    }
    forward(x) {
      return this.three.forward(this.relu.forward(this.two.forward(this.relu.forward(this.one.forward(x)))));
    }
  }
  const model = new MLP();
  const criterion = new torch.nn.CrossEntropyLoss();
  const optimizer = new torch.optim.Adam(model.parameters(), 1e-3, 0);
  const x = torch.randn([64, 784]);
  const y = torch.randint(0, 10, [64]);
  return () => {
    const loss = criterion.forward(model.forward(x), y);
    loss.backward();
    optimizer.step();
    optimizer.zero_grad();
    loss.zero_grad_graph();
  };
};

await measure(rows);
