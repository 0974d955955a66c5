// A function with its own backward
import { autograd, gradcheck, type Tensor, tensor } from "kindling";

class Exp extends autograd.Function {
  static forward(ctx: autograd.FunctionContext, x: Tensor): Tensor {
    const y = x.exp();
    ctx.saveForBackward(y);
    return y;
  }
  static backward(ctx: autograd.FunctionContext, g: Tensor): Tensor {
    const [y] = ctx.savedTensors;
    return g.mul(y);
  }
}

const x = tensor([0, 1], { dtype: "float64", requiresGrad: true });
const y = Exp.apply(x).sum();
show(y, { names: { x, y } });
y.backward();
console.log(x.grad);
console.log("agrees with differences:", gradcheck(Exp.apply, [x]));
