// What a user's TypeScript sees: the declarations as built, under what `tsc --init` switches on and every module resolution of today.
import { autograd, data, gradcheck, io, nn, noGrad, optim, rand, sin, slice, type Tensor, tensor } from "kindling";

class Net extends nn.Module {
  input = new nn.Linear(1, 32);
  lstm = new nn.LSTM(3, 4, { numLayers: 2, batchFirst: true });
  override forward(x: Tensor): Tensor {
    return this.input.forward(x).tanh();
  }
}

const net = new Net();
const optimizer = new optim.AdamW(net.parameters(), { lr: 0.01, weightDecay: 1 });
const scheduler = new optim.lrScheduler.StepLR(optimizer, 3);
const [y, [h, c]] = net.lstm.forward(rand(2, 5, 3));
export const shape: readonly number[] = y.shape;
export const count: number = h.numel() + c.ndim;

const loss: Tensor = nn.functional.mseLoss(net.forward(rand(4, 1)), sin(rand(4, 1)));
optimizer.zeroGrad();
loss.backward();
optimizer.step();
scheduler.step();

class Square extends autograd.Function {
  static override forward(ctx: autograd.FunctionContext, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.mul(x);
  }
  static override backward(ctx: autograd.FunctionContext, gradient: Tensor): Tensor {
    const [x] = ctx.savedTensors as [Tensor];
    return gradient.mul(x).mul(2);
  }
}
const w = net.input.weight;
export const [slope]: [Tensor] = autograd.grad(w.square().sum(), [w]); // as many gradients as inputs
export const unused: (Tensor | null)[] = autograd.grad(w.sum(), net.parameters(), { allowUnused: true });
export const checked: boolean = gradcheck(Square.apply, [tensor([2], { dtype: "float64", requiresGrad: true })]);
export const first: Tensor = noGrad(() => net.forward(rand(2, 1))).at(slice(0, 1), "...");

export async function load(path: string): Promise<void> {
  const pairs = new data.TensorDataset(rand(10, 2), rand(10));
  for await (const [xb, yb] of new data.DataLoader(pairs, { batchSize: 4, shuffle: true }))
    xb.matmul(xb.T).add(yb.sum());
  await io.saveSafetensors(net.stateDict(), path);
  net.loadStateDict((await io.loadSafetensors(path)).tensors);
}

// @ts-expect-error an option that there is not
new optim.SGD(net.parameters(), { lrr: 1 });
// @ts-expect-error a dtype that there is not
rand(2, { dtype: "float31" });
