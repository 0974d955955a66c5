// A training loop and its loss
import { confusionMatrix } from "@kindling/train";
import { manualSeed, nn, optim, randn } from "kindling";

manualSeed(0);
const points = randn(256, 2);
const inside = points.pow(2).sum(1).lt(1.4).to("int64"); // 1 inside of a circle, 0 outside

const model = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 2));
const optimizer = new optim.Adam(model.parameters(), { lr: 0.05 });
const losses: number[] = [];
for (let step = 1; step <= 150; step++) {
  const loss = nn.functional.crossEntropy(model.forward(points), inside);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  losses.push(loss.item());
  if (step % 50 === 0) console.log(`step ${step}: loss ${loss.item().toFixed(4)}`);
}
show({ loss: losses }, { x: "step", y: "loss" });

const guesses = model.forward(points).argmax(1);
const right = guesses.eq(inside).to("float32").mean().item();
console.log(`${(100 * right).toFixed(1)} % right`);
show(confusionMatrix(guesses, inside, 2), { classes: ["outside", "inside"] });
