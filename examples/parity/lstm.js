import { arange, manualSeed, nn, ones, optim, randint } from "kindling";

const { functional: F } = nn;
const { clipGradNorm_ } = nn.utils;
const { packPaddedSequence, padPackedSequence } = nn.utils.rnn;

const dtype = process.argv[2] ?? "float32";
manualSeed(1);

/** Says of each symbol of a sequence whether it has occurred before. */
class Tagger extends nn.Module {
  constructor(symbols, hidden) {
    super();
    this.embedding = new nn.Embedding(symbols, 16);
    this.lstm = new nn.LSTM(16, hidden, { numLayers: 2, dropout: 0.1, bidirectional: true });
    this.output = new nn.Linear(2 * hidden, 2);
  }

  forward(symbols, lengths) {
    const packed = packPaddedSequence(this.embedding.forward(symbols), lengths, { enforceSorted: false });
    const [hidden] = this.lstm.forward(packed);
    const [padded] = padPackedSequence(hidden);
    return this.output.forward(padded);
  }
}

function batch() {
  const symbols = randint(12, [12, 16]);
  const lengths = randint(4, 13, [16]);
  lengths.setAt(0, 12);
  const before = ones(12, 12).tril(-1).unsqueeze(-1);
  const seen = symbols.unsqueeze(0).eq(symbols.unsqueeze(1)).mul(before).sum(1).gt(0).long();
  const outside = arange(12).unsqueeze(1).ge(lengths);
  return [symbols, lengths, seen.maskedFill(outside, -100)];
}

const net = new Tagger(12, 24).to(dtype);
const optimizer = new optim.AdamW(net.parameters(), { lr: 5e-3 });
for (let step = 0; step < 100; step++) {
  const [symbols, lengths, targets] = batch();
  const loss = F.crossEntropy(net.forward(symbols, lengths).flatten(0, 1), targets.flatten());
  optimizer.zeroGrad();
  loss.backward();
  clipGradNorm_(net.parameters(), 1.0);
  optimizer.step();
  console.log(loss.item().toFixed(10));
}
