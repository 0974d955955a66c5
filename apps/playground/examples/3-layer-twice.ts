// A layer used twice
import { nn, tensor } from "kindling";

const layer = new nn.Linear(1, 1, { bias: false });
layer.weight.data.fill_(3);

const x = tensor([[2]]);
const loss = layer.forward(layer.forward(x)).sum(); // w²x
show(loss, { names: layer.namedParameters() });

loss.backward();
console.log(loss.item(), layer.weight.grad); // d loss / dw = 2wx: the sum over both uses
