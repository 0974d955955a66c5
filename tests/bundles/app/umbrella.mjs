// The same through the umbrella: a module, an optimizer, a checkpoint in memory, and the names of classes as they print.
import { gradcheck, io, manualSeed, nn, optim, rand, randn } from "kindling";

manualSeed(0);
const net = new nn.Sequential(new nn.Linear(4, 8), new nn.Tanh(), new nn.Linear(8, 1));
const optimizer = new optim.Adam(net.parameters(), { lr: 0.05 });
const x = rand(32, 4);
const y = x.sum(1, { keepdim: true });
let loss;
for (let step = 0; step < 200; step++) {
  loss = nn.functional.mseLoss(net.forward(x), y);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
}
const checked = gradcheck((a) => a.tanh(), [randn(3, { dtype: "float64", requiresGrad: true })]);
console.log(loss.item() < 0.01, checked, typeof io.load);

let error;
try {
  net.forward(rand(2, 3));
} catch (caught) {
  error = caught;
}
const names = [String(net.at(0)), String(net), error?.name, String(optimizer)].map((text) => /^\w+/.exec(text)?.[0]);
console.log(names.join(" "));
