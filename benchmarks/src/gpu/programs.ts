import { nn, optim, randint, randn, type Tensor, zeros } from "kindling";
import { networks, transfer } from "../rows/style-transfer.js";
import type { Cases, Lstm, Mlp } from "./cases.js";

const [classes, device] = [18, "webgpu"];

/** A program on the device: what a call does once. */
export interface ProgramRow {
  readonly name: string;
  prepare(): () => Tensor;
}

/** One step of training by SGD. */
export function step(parameters: nn.Parameter[], loss: () => Tensor): () => Tensor {
  const optimizer = new optim.SGD(parameters, { lr: 0.005 });
  return () => {
    optimizer.zeroGrad();
    const value = loss();
    value.backward();
    optimizer.step();
    return value;
  };
}

const labels = (batch: number): Tensor => randint(classes, [batch], { dtype: "int32" }).to(device);

export const lstm = ({ letters, hidden, batch, length }: Lstm): ProgramRow => ({
  name: `LSTM ${letters} → ${hidden}, batch ${batch}, ${length} steps: training step`,
  prepare() {
    const layer = new nn.LSTM(letters, hidden).to(device);
    const head = new nn.Linear(hidden, classes).to(device);
    const one = randint(letters, [length, batch, 1], { dtype: "int64" });
    const x = zeros(length, batch, letters).scatter_(2, one, 1).to(device);
    const y = labels(batch);
    return step([...layer.parameters(), ...head.parameters()], () => {
      const [, [h]] = layer.forward(x) as [Tensor, [Tensor, Tensor]];
      return nn.functional.crossEntropy(head.forward(h.at(0)), y);
    });
  },
});

export const mlp = ({ batch, inputs, hidden }: Mlp): ProgramRow => ({
  name: `MLP ${inputs} → ${hidden} → ${hidden} → ${classes}, batch ${batch}: training step`,
  prepare() {
    const model = new nn.Sequential(
      new nn.Linear(inputs, hidden),
      new nn.ReLU(),
      new nn.Linear(hidden, hidden),
      new nn.ReLU(),
      new nn.Linear(hidden, classes),
    ).to(device);
    const x = randn(batch, inputs).to(device);
    const y = labels(batch);
    return step([...model.parameters()], () => nn.functional.crossEntropy(model.forward(x), y));
  },
});

export const programs = (cases: Cases): ProgramRow[] => [
  ...cases.styleTransfer.flatMap((size) =>
    (Object.keys(networks) as (keyof typeof networks)[]).map((name) => ({
      name: `style transfer, ${name}, ${size} pixels: evaluation with gradient`,
      prepare: () => transfer(networks[name], size, device),
    })),
  ),
  ...cases.lstm.map(lstm),
  ...cases.mlp.map(mlp),
];
