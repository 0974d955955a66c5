import { backendInfo, init, manualSeed, memoryStats, nn, optim, profile, randn, scope } from "kindling";

/** The losses of a small training run. */
async function train(device) {
  manualSeed(0);
  const model = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 1)).to(device);
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.02 });
  const x = randn(32, 2).to(device);
  const y = x.select(1, 0).mul(x.select(1, 1)).unsqueeze(1);
  const losses = [];
  for (let step = 0; step < 40; step++) {
    const loss = scope(() => {
      const error = nn.functional.mseLoss(model.forward(x), y);
      optimizer.zeroGrad();
      error.backward();
      optimizer.step();
      return error.detach();
    });
    if (step % 10 === 9) losses.push((await loss.cpu()).item());
  }
  return losses;
}

globalThis.report = (async () => {
  const before = backendInfo("webgpu").open;
  try {
    await init("webgpu");
  } catch (error) {
    return { before, error: error.message };
  }
  const [cpu, gpu] = [await train("cpu"), await train("webgpu")];
  const { rows } = await profile(() => train("webgpu"));
  return { before, cpu, gpu, kernels: rows.length, bytes: memoryStats("webgpu").bytes };
})();
