import {
  ArgumentError,
  arange,
  cat,
  type DType,
  full,
  isTensor,
  operator,
  ShapeError,
  stack,
  type Tensor,
  tensor,
} from "@kindling/autograd";
import type { Cut } from "../args.js";

/*
 * Sequences of different lengths in one tensor: padded to a common length, or packed without gaps, step by step, so that a
 * recurrent layer computes nothing in vain.
 */

const PACKED: unique symbol = Symbol.for("kindling.nn.PackedSequence") as never;

/**
 * Sequences packed step by step: `data` (sum of lengths, *) holds the first elements of all sequences, longest sequence first,
 * then the second elements, and so on. Made by `packPaddedSequence` and `packSequence`.
 */
export class PackedSequence {
  readonly data: Tensor;
  /** How many sequences reach each step: integers on the `cpu`. */
  readonly batchSizes: Tensor;
  /** Where each sequence, in order of length, stood in the batch; `null` where it was sorted already. */
  readonly sortedIndices: Tensor | null;
  /** Where each sequence of the batch is in order of length. */
  readonly unsortedIndices: Tensor | null;

  /** `sortedIndices` on the host, where that is known: devices cannot always be read. */
  readonly #order: readonly number[] | null;

  constructor(
    data: Tensor,
    batchSizes: Tensor,
    sortedIndices: Tensor | null = null,
    unsortedIndices: Tensor | null = null,
    order: readonly number[] | null = null,
  ) {
    if (batchSizes.device !== "cpu") {
      throw new ArgumentError(
        "batchSizes should always be on CPU. Instances of PackedSequence should never be created manually. They should be instantiated by functions like packSequence and packPaddedSequence in nn.utils.rnn.",
        { device: batchSizes.device },
      );
    }
    this.data = data;
    this.batchSizes = batchSizes;
    this.sortedIndices = sortedIndices;
    this.unsortedIndices = unsortedIndices ?? invertPermutation(sortedIndices);
    this.#order = order;
  }

  /** Other data for the same sequences, such as a layer's results. */
  withData(data: Tensor): PackedSequence {
    const Packed = this.constructor as typeof PackedSequence;
    return new Packed(data, this.batchSizes, this.sortedIndices, this.unsortedIndices, this.#order);
  }

  /** The length of each sequence, in the order of the batch. */
  lengths(): number[] {
    const sizes = (this.batchSizes.tolist() as number[]).map(Number);
    const sorted = Array.from({ length: sizes[0] }, (_, i) => sizes.filter((size) => size > i).length);
    if (this.sortedIndices === null) return sorted;
    const out = new Array<number>(sorted.length);
    (this.#order ?? (this.sortedIndices.tolist() as number[])).forEach((place, i) => {
      out[Number(place)] = sorted[i];
    });
    return out;
  }

  get [PACKED](): true {
    return true;
  }

  /** The same sequences in another dtype or on another device; the arguments are those of `Tensor.to`. */
  to(...args: Parameters<Tensor["to"]>): PackedSequence {
    const data = this.data.to(...args);
    if (data === this.data) return this;
    const moved = (t: Tensor | null): Tensor | null => t?.to({ device: data.device }) ?? null;
    const { batchSizes, sortedIndices, unsortedIndices } = this;
    const Packed = this.constructor as typeof PackedSequence;
    return new Packed(data, batchSizes, moved(sortedIndices), moved(unsortedIndices), this.#order);
  }

  toString(): string {
    const { data, batchSizes, sortedIndices, unsortedIndices } = this;
    return `PackedSequence(data=${data}, batchSizes=${batchSizes}, sortedIndices=${sortedIndices}, unsortedIndices=${unsortedIndices})`;
  }
}

/** Whether a value is a packed sequence, of this or of another copy of the package. */
export const isPackedSequence = (value: unknown): value is PackedSequence =>
  typeof value === "object" && value !== null && (value as PackedSequence)[PACKED] === true;

/** The permutation that undoes another one. */
export function invertPermutation(permutation: Tensor | null): Tensor | null {
  if (permutation === null) return null;
  const { dtype, device } = permutation;
  const places = arange(permutation.numel(), { dtype, device });
  return places.scatter(0, permutation, places);
}

type Lengths = Tensor | readonly number[];

/** Host numbers of lengths, and the dtype that tensors made from them get. */
function readLengths(lengths: Lengths): { values: number[]; dtype: DType } {
  if (!isTensor(lengths)) {
    if (lengths.every(Number.isInteger)) return { values: [...lengths], dtype: "int32" };
    throw new ArgumentError("'lengths' are whole numbers", { lengths });
  }
  if (lengths.device !== "cpu" || lengths.ndim !== 1) {
    throw new ArgumentError(
      `'lengths' argument should be a 1D CPU integer tensor, but got ${lengths.ndim}D ${lengths.device} ${lengths.dtype} tensor`,
      { shape: lengths.shape, device: lengths.device },
    );
  }
  return { values: (lengths.tolist() as number[]).map(Number), dtype: lengths.dtype === "int64" ? "int64" : "int32" };
}

type Pack = { batchFirst?: boolean; enforceSorted?: boolean };

/**
 * Packs padded sequences `input` (T, B, *), or (B, T, *) with `batchFirst`, of the given lengths. The batch must be sorted by
 * length, longest first, unless `enforceSorted` is false.
 *
 * @example
 * const padded = tensor([[1, 2, 0], [3, 0, 0], [4, 5, 6]]);
 * packPaddedSequence(padded, [2, 1, 3], { batchFirst: true, enforceSorted: false }).data; // [4, 1, 3, 5, 2, 6]
 */
export const packPaddedSequence = operator<
  (input: Tensor, lengths: Lengths, ...args: Cut<[batchFirst: boolean, enforceSorted: boolean], Pack>) => PackedSequence
>(
  "packPaddedSequence(input, lengths, batchFirst=false, enforceSorted=true)",
  (input: Tensor, given: Lengths, batchFirst: boolean, enforceSorted: boolean) => {
    const batchDim = batchFirst ? 0 : 1;
    const { values, dtype } = readLengths(given);
    checkLengths(values, input, batchDim);
    let sorted: Tensor | null = null;
    let order: number[] | null = null;
    let ordered = input;
    if (!enforceSorted) {
      order = values.map((_, i) => i).sort((a, b) => values[b] - values[a] || a - b);
      sorted = tensor(order, { dtype, device: input.device });
      ordered = input.indexSelect(batchDim, sorted);
      values.sort((a, b) => b - a);
    } else if (values.some((n, i) => i > 0 && n > values[i - 1])) {
      throw new ArgumentError(
        "`lengths` array must be sorted in decreasing order when `enforceSorted` is true. You can pass `enforceSorted: false` to packPaddedSequence and/or packSequence to sidestep this requirement if you do not need ONNX exportability.",
        { lengths: values },
      );
    }
    const steps = batchFirst ? ordered.transpose(0, 1) : ordered;
    const rest = steps.shape.slice(2);
    const sizes: number[] = [];
    const parts: Tensor[] = [];
    // from the shortest to the longest: between two lengths the number of sequences is the same
    for (let i = values.length - 1; i >= 0; i--) {
      const run = values[i] - sizes.length;
      if (run === 0) continue;
      const part = steps.narrow(0, sizes.length, run).narrow(1, 0, i + 1);
      parts.push(part.reshape(run * (i + 1), ...rest));
      for (let step = 0; step < run; step++) sizes.push(i + 1);
    }
    return new PackedSequence(cat(parts, 0), tensor(sizes, { dtype }), sorted, null, order);
  },
);

function checkLengths(lengths: readonly number[], input: Tensor, batchDim: number): void {
  const batch = input.shape[batchDim];
  if (input.ndim < 2 || input.numel() === 0) {
    throw new ShapeError("Cannot pack empty tensors.", { shape: input.shape });
  }
  if (lengths.length !== batch) {
    throw new ArgumentError(
      `Expected \`len(lengths)\` to be equal to batchSize, but got ${lengths.length} (batchSize=${batch})`,
      { lengths, batch },
    );
  }
  if (lengths.some((n) => !(n > 0))) {
    throw new ArgumentError(
      "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0",
      {
        lengths,
      },
    );
  }
  const longest = Math.max(...lengths);
  if (longest > input.shape[1 - batchDim]) {
    throw new ArgumentError(
      `Expected the longest of 'lengths' to be at most the padded length ${input.shape[1 - batchDim]}, but got ${longest}`,
      { lengths },
    );
  }
}

type Pad = { batchFirst?: boolean; paddingValue?: number; totalLength?: number | null };

/**
 * The inverse of `packPaddedSequence`: sequences (T, B, *), or (B, T, *) with `batchFirst`, in the order of the batch, filled
 * with `paddingValue`, and their lengths. T is the longest length, or `totalLength`.
 */
export const padPackedSequence = operator<
  (
    sequence: PackedSequence,
    ...args: Cut<[batchFirst: boolean, paddingValue: number, totalLength: number | null], Pad>
  ) => [padded: Tensor, lengths: Tensor]
>(
  "padPackedSequence(sequence, batchFirst=false, paddingValue=0, totalLength=null)",
  (sequence: PackedSequence, batchFirst: boolean, paddingValue: number, totalLength: number | null) => {
    const { data, batchSizes, unsortedIndices } = sequence;
    const sizes = (batchSizes.tolist() as number[]).map(Number);
    if (totalLength !== null && totalLength < sizes.length) {
      throw new ArgumentError(
        `Expected totalLength to be at least the length of the longest sequence in input, but got totalLength=${totalLength} and max sequence length being ${sizes.length}`,
        { totalLength },
      );
    }
    const rest = data.shape.slice(1);
    const batch = sizes[0];
    const options = { dtype: data.dtype, device: data.device };
    const padding = (steps: number, width: number): Tensor => full([steps, width, ...rest], paddingValue, options);
    const parts: Tensor[] = [];
    for (let step = 0, row = 0; step < sizes.length; ) {
      const width = sizes[step];
      const start = step;
      while (sizes[step] === width) step++;
      const run = step - start;
      const part = data.narrow(0, row, run * width).reshape(run, width, ...rest);
      parts.push(width < batch ? cat([part, padding(run, batch - width)], 1) : part);
      row += run * width;
    }
    if (totalLength !== null && totalLength > sizes.length) parts.push(padding(totalLength - sizes.length, batch));
    let padded = parts.length === 1 ? parts[0] : cat(parts, 0);
    if (batchFirst) padded = padded.transpose(0, 1);
    if (unsortedIndices !== null) padded = padded.indexSelect(batchFirst ? 0 : 1, unsortedIndices);
    return [padded, tensor(sequence.lengths(), { dtype: batchSizes.dtype })];
  },
);

type PadOptions = { batchFirst?: boolean; paddingValue?: number; paddingSide?: "right" | "left" };

/**
 * Sequences (Lᵢ, *) as one tensor (T, B, *), or (B, T, *) with `batchFirst`: T is the longest length, shorter ones are filled
 * with `paddingValue`, behind them or, with `paddingSide: "left"`, before.
 */
export const padSequence = operator<
  (
    sequences: Iterable<Tensor>,
    ...args: Cut<[batchFirst: boolean, paddingValue: number, paddingSide: "right" | "left"], PadOptions>
  ) => Tensor
>(
  'padSequence(sequences, batchFirst=false, paddingValue=0, paddingSide="right")',
  (given: Iterable<Tensor>, batchFirst: boolean, paddingValue: number, paddingSide: string) => {
    if (paddingSide !== "right" && paddingSide !== "left") {
      throw new ArgumentError(`paddingSide should be one of right or left, but got ${paddingSide}`, { paddingSide });
    }
    const sequences = [...given];
    if (sequences.length === 0) throw new ArgumentError("received an empty list of sequences");
    const longest = Math.max(...sequences.map((s) => s.shape[0]));
    const padded = sequences.map((s) => {
      if (s.shape[0] === longest) return s;
      const missing = [longest - s.shape[0], ...s.shape.slice(1)];
      const padding = full(missing, paddingValue, { dtype: s.dtype, device: s.device });
      return cat(paddingSide === "right" ? [s, padding] : [padding, s], 0);
    });
    return stack(padded, batchFirst ? 0 : 1);
  },
);

/** The inverse of `padSequence`: the first `lengths[i]` elements of each sequence. */
export const unpadSequence = operator<
  (padded: Tensor, lengths: Lengths, ...args: Cut<[batchFirst: boolean], { batchFirst?: boolean }>) => Tensor[]
>("unpadSequence(padded, lengths, batchFirst=false)", (padded: Tensor, lengths: Lengths, batchFirst: boolean) => {
  const sequences = padded.unbind(batchFirst ? 0 : 1);
  return readLengths(lengths).values.map((n, i) => sequences[i].narrow(0, 0, n));
});

/** Packs sequences (Lᵢ, *), sorted by length, longest first, unless `enforceSorted` is false. */
export const packSequence = operator<
  (sequences: Iterable<Tensor>, ...args: Cut<[enforceSorted: boolean], { enforceSorted?: boolean }>) => PackedSequence
>("packSequence(sequences, enforceSorted=true)", (given: Iterable<Tensor>, enforceSorted: boolean) => {
  const sequences = [...given];
  return packPaddedSequence(
    padSequence(sequences),
    sequences.map((s) => s.shape[0]),
    { enforceSorted },
  );
});

/** The inverse of `packSequence`. */
export const unpackSequence = (packed: PackedSequence): Tensor[] =>
  unpadSequence(padPackedSequence(packed, true)[0], packed.lengths(), true);
