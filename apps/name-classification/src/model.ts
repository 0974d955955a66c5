import { cat, nn, type Tensor, tensor, zeros } from "kindling";
import { encode, SYMBOLS } from "./alphabet.js";
import type { CellName, ModelName } from "./settings.js";

const { functional: F } = nn;

/** What a model is made of: enough to build it again for a checkpoint. */
export interface Architecture {
  model: ModelName;
  cell: CellName;
  hidden: number;
  layers: number;
}

/** A batch of names as the models read them. */
export interface Names {
  /** Symbol indices, 0 behind a name's end; shape (longest name, names), int32. */
  symbols: Tensor;
  /** Letters of each name. */
  lengths: number[];
}

/** Packs normalised names into one batch. */
export function batchOf(texts: readonly string[], device = "cpu"): Names {
  const lengths = texts.map((text) => text.length);
  const longest = Math.max(...lengths);
  const symbols = new Int32Array(longest * texts.length);
  texts.forEach((text, column) => {
    encode(text).forEach((symbol, row) => {
      symbols[row * texts.length + column] = symbol;
    });
  });
  return { symbols: tensor(symbols, { device }).view(longest, texts.length), lengths };
}

/** A network that gives log-probabilities of the languages, shape (names, languages). */
export abstract class NameClassifier extends nn.Module {
  abstract override forward(names: Names): Tensor;
}

/** A recurrent layer of any cell: outputs, and the last state (an LSTM's with its cell state). */
interface Recurrent extends nn.Module {
  forward(names: nn.utils.rnn.PackedSequence): [unknown, Tensor | [Tensor, Tensor]];
}

/** The tutorial's newer model: a recurrent layer reads the letters of many names at once, a linear one judges its last state. */
export class BatchedClassifier extends NameClassifier {
  rnn: Recurrent;
  h2o: nn.Linear;

  constructor(languages: number, { cell, hidden, layers }: Architecture) {
    super();
    const Layer = { rnn: nn.RNN, lstm: nn.LSTM, gru: nn.GRU }[cell];
    this.rnn = new Layer(SYMBOLS.length, hidden, { numLayers: layers });
    this.h2o = new nn.Linear(hidden, languages);
  }

  override forward({ symbols, lengths }: Names): Tensor {
    const letters = F.oneHot(symbols, SYMBOLS.length).to("float32");
    const packed = nn.utils.rnn.packPaddedSequence(letters, lengths, { enforceSorted: false });
    const [, state] = this.rnn.forward(packed);
    const last = Array.isArray(state) ? state[0] : state;
    return F.logSoftmax(this.h2o.forward(last.at(-1)), 1);
  }
}

/** The tutorial's first model: hidden state and output are both linear in the joined letter and hidden state, one name at a time. */
export class ClassicClassifier extends NameClassifier {
  readonly hidden: number;
  i2h: nn.Linear;
  i2o: nn.Linear;

  constructor(languages: number, { hidden }: Architecture) {
    super();
    this.hidden = hidden;
    this.i2h = new nn.Linear(SYMBOLS.length + hidden, hidden);
    this.i2o = new nn.Linear(SYMBOLS.length + hidden, languages);
  }

  override forward({ symbols, lengths }: Names): Tensor {
    return cat(lengths.map((length, column) => this.read(symbols.at(`:${length}`, column))));
  }

  /** Log-probabilities (1, languages) of the name whose symbols are given. */
  private read(symbols: Tensor): Tensor {
    const letters = F.oneHot(symbols, SYMBOLS.length).to("float32");
    let hidden = zeros(1, this.hidden, { device: symbols.device });
    let joined = hidden;
    for (let i = 0; i < letters.shape[0]; i++) {
      joined = cat([letters.at([i]), hidden], 1);
      hidden = this.i2h.forward(joined);
    }
    return F.logSoftmax(this.i2o.forward(joined), 1);
  }
}

/** A new model, its weights drawn from the default generator. */
export const createModel = (languages: number, architecture: Architecture): NameClassifier =>
  architecture.model === "classic"
    ? new ClassicClassifier(languages, architecture)
    : new BatchedClassifier(languages, architecture);
