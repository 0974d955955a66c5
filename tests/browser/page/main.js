import { backendInfo, init, io, manualSeed, nn, optim, randn, setNumThreads } from "kindling";

/** A hash of the bits of a tensor's elements. */
const bits = (x) => new Int32Array(x.toTypedArray().buffer).reduce((hash, word) => (Math.imul(hash, 31) + word) | 0, 7);

/** Work on all sorts of large kernels. */
function work() {
  manualSeed(0);
  const a = randn(300, 300);
  const image = randn(2, 16, 40, 40, { requiresGrad: true });
  const conv = new nn.Conv2d(16, 24, 3, { padding: 1 });
  conv.forward(image).tanh().sum().backward();
  return [a.matmul(a.exp()), image.grad, conv.weight.grad, randn(1000, 1000).softmax(1)].map(bits);
}

/** A model learns in a synchronous loop. */
function loss() {
  manualSeed(0);
  const model = new nn.Sequential(new nn.Linear(2, 32), new nn.Tanh(), new nn.Linear(32, 1));
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.02 });
  const x = randn(64, 2);
  const y = x.select(1, 0).mul(x.select(1, 1)).unsqueeze(1);
  let last = 0;
  for (let step = 0; step < 300; step++) {
    const error = nn.functional.mseLoss(model.forward(x), y);
    optimizer.zeroGrad();
    error.backward();
    optimizer.step();
    last = error.item();
  }
  return last;
}

/** Files from the server, whole and by ranges, and from a blob; there is nowhere to write to. */
async function files() {
  const reader = await io.openSafetensors(new URL("weights.safetensors", location.href));
  const bias = await reader.get("bias");
  const saved = await io.load("weights.pt"); // a path is a URL here
  const again = await io.load(new Blob([io.serializeTorch(saved)]));
  const refused = await io
    .save(saved, "weights.pt")
    .catch((error) => error.message.includes("there is no file system here"));
  return [bias.tolist(), saved.weight.sum().item(), again.weight.equal(saved.weight), again.epoch, refused];
}

globalThis.report = (async () => {
  setNumThreads(1);
  const one = work();
  setNumThreads(3);
  await init("cpu");
  return {
    info: backendInfo("cpu").providers[0].info,
    equal: `${one}` === `${work()}`,
    finite: one.every(Number.isFinite),
    loss: loss(),
    files: await files(),
  };
})();
