// All that a program needs which computes with tensors: storage, autograd with every method, the CPU.
import { tensor } from "@kindling/autograd";

const x = tensor([1, 2], { requiresGrad: true });
x.square().sum().backward();
console.log(String(x.grad));
