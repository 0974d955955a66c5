// A complete program on two packages: autograd and optim.
import { autograd, manualSeed, randn } from "@kindling/autograd";
import { SGD } from "@kindling/optim";

manualSeed(0);
const w = randn(3, { requiresGrad: true });
const target = randn(3);
const optimizer = new SGD([w], { lr: 0.1 });
for (let step = 0; step < 50; step++) {
  const loss = w.sub(target).pow(2).sum();
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
}
const [g] = autograd.grad(w.mul(w).sum(), [w]);
console.log(w.sub(target).abs().max().item() < 1e-3, g.sub(w.mul(2)).abs().max().item() === 0);
