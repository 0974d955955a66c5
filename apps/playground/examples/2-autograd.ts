// A gradient and its graph
import { tensor } from "kindling";

const w = tensor([1, 2, 3], { requiresGrad: true });
const x = tensor([4, 5, 6]);
const loss = w.mul(x).sum().pow(2);
show(loss, { names: { w, loss } }); // while the graph is whole: backward() frees it

loss.backward();
console.log(loss.item()); // (4 + 10 + 18)²
console.log(w.grad); // 2 · 32 · x
