// A second derivative
import { autograd, tensor } from "kindling";

const x = tensor(2, { requiresGrad: true });
const y = x.pow(3);
const [first] = autograd.grad(y, [x], { createGraph: true }); // 3x², with a graph of its own
show(first, { names: { x, first } });

const [second] = autograd.grad(first, [x]); // 6x
console.log(y.item(), first.item(), second.item());
