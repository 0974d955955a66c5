import { arange, cos, manualSeed, nn, optim, randint, randn, sin, tanh } from "kindling";

const { functional: F } = nn;

const dtype = process.argv[2] ?? "float32";
manualSeed(2);

class LeNet extends nn.Module {
  conv1 = new nn.Conv2d(1, 6, 5, { padding: 2 });
  conv2 = new nn.Conv2d(6, 16, 5);
  norm = new nn.BatchNorm2d(16);
  drop = new nn.Dropout2d(0.1);
  fc1 = new nn.Linear(400, 120);
  fc2 = new nn.Linear(120, 84);
  fc3 = new nn.Linear(84, 4);

  forward(x) {
    x = F.avgPool2d(tanh(this.conv1.forward(x)), 2);
    x = F.maxPool2d(F.relu(this.norm.forward(this.conv2.forward(x))), 2);
    x = this.drop.forward(x).flatten(1);
    x = tanh(this.fc1.forward(x));
    return F.logSoftmax(this.fc3.forward(tanh(this.fc2.forward(x))), 1);
  }
}

/** Stripes in one of four directions, in noise; (16, 1, 28, 28). */
function batch() {
  const labels = randint(4, [16]);
  const angle = labels.mul(Math.PI / 4).view(16, 1, 1);
  const rows = arange(28).to("float32").view(1, 28, 1);
  const columns = arange(28).to("float32").view(1, 1, 28);
  const stripes = sin(columns.mul(cos(angle)).add(rows.mul(sin(angle))));
  return [stripes.add(randn(16, 28, 28).mul(0.5)).unsqueeze(1), labels];
}

const net = new LeNet().to(dtype);
const optimizer = new optim.SGD(net.parameters(), { lr: 0.02, momentum: 0.9, nesterov: true });
const scheduler = new optim.lrScheduler.CosineAnnealingLR(optimizer, { TMax: 100 });
for (let step = 0; step < 100; step++) {
  const [images, labels] = batch();
  const loss = F.nllLoss(net.forward(images.to(dtype)), labels);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  scheduler.step();
  console.log(loss.item().toFixed(10));
}
