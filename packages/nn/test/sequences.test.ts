import { manualSeed, ones, type Tensor, tensor, zeros } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import * as nn from "../src/index.js";
import {
  decode,
  decodeOptions,
  decodeTensor,
  expectClose,
  fixture,
  type Recorded,
  tensorsOf,
  weighted,
} from "./support.js";

interface Packed {
  readonly data: Recorded;
  readonly lengths: number[];
  readonly batchFirst: boolean;
  readonly totalLength: number | null;
  readonly packed: Recorded;
  readonly batchSizes: number[];
  readonly sortedIndices: number[];
  readonly unsortedIndices: number[];
  readonly padded: Recorded;
  readonly sizes: number[];
}

interface Layer {
  readonly class: string;
  readonly kwargs: Record<string, unknown>;
  readonly lengths: number[];
  readonly input: Recorded;
  readonly state: unknown;
  readonly out: Recorded;
  readonly last: unknown;
  readonly inputGrad: Recorded;
  readonly parameterGrads: Record<string, Recorded>;
}

const recorded = fixture<{
  packed: Packed[];
  padSequence: Recorded;
  padSequenceBatchFirst: Recorded;
  packSequence: Recorded;
  layers: Layer[];
}>("sequences");

const {
  packPaddedSequence,
  packSequence,
  padPackedSequence,
  padSequence,
  PackedSequence,
  unpackSequence,
  unpadSequence,
} = nn.utils.rnn;

const values = (...shape: number[]): Tensor => {
  const n = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Array.from({ length: n }, (_, i) => Math.sin((i + 1) * 1.7) * 2),
    { dtype: "float64" },
  ).reshape(shape);
};

describe("packed sequences against PyTorch", () => {
  it.each(recorded.packed)("lengths $lengths", (c) => {
    const { batchFirst, totalLength } = c;
    const packed = packPaddedSequence(decodeTensor(c.data), c.lengths, { batchFirst, enforceSorted: false });
    expectClose(packed.data, c.packed);
    expect(packed.batchSizes.tolist()).toEqual(c.batchSizes);
    expect(packed.sortedIndices?.tolist()).toEqual(c.sortedIndices);
    expect(packed.unsortedIndices?.tolist()).toEqual(c.unsortedIndices);
    const [padded, lengths] = padPackedSequence(packed, batchFirst, -1, totalLength);
    expectClose(padded, c.padded);
    expect(lengths.tolist()).toEqual(c.sizes);
  });

  const sequences = [values(3, 2), values(1, 2), values(4, 2)];

  it("are made of lists of sequences", () => {
    expectClose(padSequence(sequences, { paddingValue: 9 }), recorded.padSequence);
    expectClose(padSequence(sequences, true), recorded.padSequenceBatchFirst);
    const packed = packSequence(sequences, { enforceSorted: false });
    expectClose(packed.data, recorded.packSequence);
    expect(unpackSequence(packed).map((s) => s.tolist())).toEqual(sequences.map((s) => s.tolist()));
    expect(unpadSequence(padSequence(sequences), [3, 1, 4]).map((s) => s.tolist())).toEqual(
      sequences.map((s) => s.tolist()),
    );
  });

  it("take lengths as a tensor, and keep its integers", () => {
    const packed = packPaddedSequence(ones(3, 2, 1), tensor([3, 2], { dtype: "int64" }));
    expect(packed.batchSizes.dtype).toBe("int64");
    expect(packed.batchSizes.tolist()).toEqual([2, 2, 1]);
    expect(packed.sortedIndices).toBeNull();
    expect(packed.to("float64").data.dtype).toBe("float64");
    expect(packed.to("float32")).toBe(packed);
  });

  it("refuse what PyTorch refuses", () => {
    const x = ones(3, 2, 1);
    expect(() => packPaddedSequence(x, [2, 3])).toThrow(
      "`lengths` array must be sorted in decreasing order when `enforceSorted` is true. You can pass `enforceSorted: false`",
    );
    expect(() => packPaddedSequence(x, [3, 0])).toThrow(
      "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0",
    );
    expect(() => packPaddedSequence(x, [3])).toThrow(
      "Expected `len(lengths)` to be equal to batchSize, but got 1 (batchSize=2)",
    );
    expect(() => packPaddedSequence(x, [4, 1])).toThrow("the longest of 'lengths'");
    expect(() => padPackedSequence(packPaddedSequence(x, [3, 1]), { totalLength: 2 })).toThrow(
      "Expected totalLength to be at least the length of the longest sequence in input, but got totalLength=2 and max sequence length being 3",
    );
    expect(() => padSequence([])).toThrow("received an empty list of sequences");
  });
});

// biome-ignore lint/suspicious/noExplicitAny: classes are named by data
const classes = nn as any;

describe("recurrent layers over packed sequences against PyTorch", () => {
  it.each(recorded.layers.map((c) => [`${c.class} ${JSON.stringify(c.kwargs)}`, c] as const))("%s", (_, c) => {
    manualSeed(0);
    const module = new classes[c.class](2, 3, decodeOptions(c.kwargs)).double() as nn.LSTM;
    const input = decodeTensor(c.input).requiresGrad_();
    const packed = packPaddedSequence(input, c.lengths, { enforceSorted: false });
    const state = decode(c.state) as [Tensor, Tensor] | null;
    const [out, last] = module.forward(packed, state);
    expect(out).toBeInstanceOf(PackedSequence);
    expectClose(out.data, c.out, "out");
    expectClose(last, c.last, "last state");
    expect(padPackedSequence(out)[1].tolist()).toEqual(c.lengths);
    weighted([out.data, ...tensorsOf(last)]).backward();
    expectClose(input.grad, c.inputGrad, "gradient of input");
    for (const [name, p] of module.namedParameters())
      expectClose(p.grad, c.parameterGrads[name], `gradient of ${name}`);
  });

  it.each([{}, { projSize: 1 }])("give every sequence what it gets alone, %o", (options) => {
    manualSeed(0);
    const lstm = new nn.LSTM(2, 3, { numLayers: 2, bidirectional: true, ...options });
    const sequences = [3, 1, 4].map((n) => values(n, 2).float());
    const [out, [h]] = lstm.forward(packSequence(sequences, false));
    for (const [i, sequence] of sequences.entries()) {
      const [alone, [hAlone]] = lstm.forward(sequence);
      const together = unpackSequence(out)[i];
      expect(together.sub(alone).abs().max().item()).toBeLessThan(1e-6);
      expect(h.select(1, i).sub(hAlone).abs().max().item()).toBeLessThan(1e-6);
    }
  });
});

describe("padSequence", () => {
  it("pads on the left if told to", () => {
    expect(
      padSequence([ones(1), ones(3)], { batchFirst: true, paddingSide: "left", paddingValue: 9 }).tolist(),
    ).toEqual([
      [9, 9, 1],
      [1, 1, 1],
    ]);
    expect(() => padSequence([ones(1)], { paddingSide: "top" as "left" })).toThrow(
      "paddingSide should be one of right or left, but got top",
    );
  });
});

describe("recurrent layers refuse what PyTorch refuses", () => {
  const rnn = new nn.RNN(3, 4);
  const lstm = new nn.LSTM(3, 4);

  it.each([
    [() => rnn.forward(ones(3)), "RNN: Expected input to be 2D or 3D, got 1D instead"],
    [() => rnn.forward(ones(5, 2, 4)), "input.size(-1) must be equal to inputSize. Expected 3, got 4"],
    [() => rnn.forward(ones(5, 2, 3), zeros(1, 3, 4)), "Expected hidden size (1, 2, 4), got [1, 3, 4]"],
    [() => rnn.forward(ones(5, 2, 3), zeros(2, 4)), "For batched 3-D input, hx should also be 3-D but got 2-D tensor"],
    [
      () => rnn.forward(ones(5, 3), zeros(1, 1, 4)),
      "For unbatched 2-D input, hx should also be 2-D but got 3-D tensor",
    ],
    [
      () => lstm.forward(ones(5, 2, 3), [zeros(1, 2, 4), zeros(1, 4)]),
      "For batched 3-D input, hx and cx should also be 3-D but got (3-D, 2-D) tensors",
    ],
    [
      () => lstm.forward(ones(5, 2, 3), [zeros(1, 2, 4), zeros(1, 2, 5)]),
      "Expected hidden[1] size (1, 2, 4), got [1, 2, 5]",
    ],
    [
      () => new nn.RNN(3, 4, { nonlinearity: "sine" as "tanh" }),
      "Unknown nonlinearity 'sine'. Select from 'tanh' or 'relu'.",
    ],
    [() => rnn.forward(ones(0, 2, 3)), "Expected sequence length to be larger than 0 in RNN"],
    [() => rnn.forward(ones(5, 2, 3).double()), "input must have the type float32, got type float64"],
    [() => lstm.forward(ones(5, 2, 3), zeros(1, 2, 4) as never), "LSTM: the state must be a pair [h, c] of tensors"],
    [() => new nn.RNN(3, 0), "hiddenSize must be greater than zero"],
    [() => new nn.RNN(3, 4, 0), "numLayers must be greater than zero"],
    [() => new nn.GRU(3, 4.5), "hiddenSize should be an integer, got: 4.5"],
    [() => new nn.LSTM(3, 4, { projSize: 4 }), "projSize has to be smaller than hiddenSize"],
    [
      () => new nn.LSTM(3, 4, { projSize: 2 }).forward(ones(5, 2, 3), [zeros(1, 2, 4), zeros(1, 2, 4)]),
      "Expected hidden[0] size (1, 2, 2), got [1, 2, 4]",
    ],
    [
      () => new nn.GRUCell(3, 4).forward(ones(2, 3), ones(1, 2, 4)),
      "GRUCell: Expected hidden to be 1D or 2D, got 3D instead",
    ],
    [
      () => new nn.LSTMCell(3, 4).forward(ones(2, 3), ones(2, 4) as never),
      "LSTMCell: the state must be a pair [h, c] of tensors",
    ],
    [() => new nn.GRU(3, 4, { dropout: 2 }), "dropout should be a number in range [0, 1] representing the probability"],
    [() => new nn.GRU(3, 4, { layers: 2 } as object), "GRU() got an unexpected keyword argument 'layers'"],
    [() => new nn.RNNCell(3, 4).forward(ones(1, 2, 3)), "RNNCell: Expected input to be 1D or 2D, got 3D instead"],
    [() => new nn.GRUCell(3, 4).forward(ones(2, 2)), "input has inconsistent inputSize: got 2 expected 3"],
    [
      () => new nn.GRUCell(3, 4).forward(ones(2, 3), ones(2, 3)),
      "hidden0 has inconsistent hiddenSize: got 3, expected 4",
    ],
    [
      () => new nn.LSTMCell(3, 4).forward(ones(2, 3), [ones(2, 4), ones(3, 4)]),
      "Input batch size 2 doesn't match hidden1 batch size 3",
    ],
  ])("%#", (call, text) => {
    expect(call).toThrow(text);
  });
});
