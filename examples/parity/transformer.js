import { manualSeed, nn, optim, randint, randn, zeros } from "kindling";

const { functional: F } = nn;

const dtype = process.argv[2] ?? "float32";
manualSeed(3);

const [SYMBOLS, LENGTH, BATCH] = [20, 12, 8];

/** A transformer encoder that says a sequence backwards. */
class Reverser extends nn.Module {
  constructor(size = 32, heads = 4) {
    super();
    this.embedding = new nn.Embedding(SYMBOLS, size);
    this.position = new nn.Parameter(randn(LENGTH, 1, size).mul(0.1));
    const layer = new nn.TransformerEncoderLayer(size, heads, {
      dimFeedforward: 64,
      dropout: 0.1,
      activation: "gelu",
      normFirst: true,
    });
    this.encoder = new nn.TransformerEncoder(layer, { numLayers: 2, norm: new nn.LayerNorm(size) });
    this.output = new nn.Linear(size, SYMBOLS);
  }

  forward(symbols, padding) {
    const x = this.embedding.forward(symbols).add(this.position);
    return this.output.forward(this.encoder.forward(x, { srcKeyPaddingMask: padding }));
  }
}

const net = new Reverser().to(dtype);
for (const parameter of net.encoder.parameters()) {
  if (parameter.dim() > 1) nn.init.xavierUniform_(parameter);
}

const optimizer = new optim.AdamW(net.parameters(), { lr: 3e-3 });
const scheduler = new optim.lrScheduler.LambdaLR(optimizer, (step) => Math.min(1, (step + 1) / 20));
const padding = zeros(BATCH, LENGTH, { dtype: "bool" });
padding.setAt([":2", "-3:"], true);

for (let step = 0; step < 100; step++) {
  const symbols = randint(SYMBOLS, [LENGTH, BATCH]);
  const scores = net.forward(symbols, padding);
  const loss = F.crossEntropy(scores.flatten(0, 1), symbols.flip(0).flatten());
  optimizer.zeroGrad();
  loss.backward();
  nn.utils.clipGradValue_(net.parameters(), 0.5);
  optimizer.step();
  scheduler.step();
  console.log(loss.item().toFixed(10));
}
