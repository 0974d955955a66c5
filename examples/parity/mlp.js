import { data, manualSeed, nn, optim, randn } from "kindling";

const { functional: F } = nn;
const { DataLoader, TensorDataset } = data;

const dtype = process.argv[2] ?? "float32";
manualSeed(0);

const inputs = randn(512, 20);
const targets = inputs.at(":", ":10").mul(inputs.at(":", "10:")).sum(1).gt(0).long();
const loader = new DataLoader(new TensorDataset(inputs.to(dtype), targets), { batchSize: 32, shuffle: true });

class MLP extends nn.Module {
  layers = new nn.Sequential(
    new nn.Linear(20, 64),
    new nn.ReLU(),
    new nn.Dropout(0.2),
    new nn.Linear(64, 64),
    new nn.GELU(),
    new nn.BatchNorm1d(64),
    new nn.Linear(64, 2),
  );

  forward(x) {
    return this.layers.forward(x);
  }
}

const net = new MLP().to(dtype);
const optimizer = new optim.Adam(net.parameters(), { lr: 1e-3, weightDecay: 1e-4 });
const scheduler = new optim.lrScheduler.StepLR(optimizer, { stepSize: 40, gamma: 0.5 });

let step = 0;
while (step < 100) {
  for await (const [x, y] of loader) {
    const loss = F.crossEntropy(net.forward(x), y, { labelSmoothing: 0.1 });
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    scheduler.step();
    console.log(loss.item().toFixed(10));
    if (++step === 100) break;
  }
}
