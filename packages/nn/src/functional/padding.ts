import { ArgumentError, constantPadNd, operator, ShapeError, type Tensor, tensor } from "@kindling/autograd";
import type { Cut } from "../args.js";

/** What padding holds: a constant, the image mirrored at its border, its border repeated, or the other side. */
export type PadMode = "constant" | "reflect" | "replicate" | "circular";

/** Which element of `first … last` stands at `i` (the other modes look at the whole image, `0 … size − 1`). */
type Source = (i: number, size: number, first: number, last: number) => number;
const sources: Record<Exclude<PadMode, "constant">, Source> = {
  reflect: (i, size) => (i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i),
  replicate: (i, size) => Math.min(Math.max(i, 0), size - 1),
  circular(i, _size, first, last) {
    const kept = last - first + 1;
    return first + ((((i - first) % kept) + kept) % kept);
  },
};

/**
 * `input` with padding around its last dimensions. `pad` has two numbers, before and after, for each, the last dimension first:
 * `[left, right, top, bottom, …]`; a negative one cuts off. All modes but "constant" are for the last one of (N, C, L), the last
 * two of (N, C, H, W) or the last three of (N, C, D, H, W), the batch dimension being optional.
 *
 * @example
 * pad(tensor([[1, 2, 3]]), [2, 1], "reflect"); // tensor([[3., 2., 1., 2., 3., 2.]])
 * @throws ShapeError where the input is too small for the mode
 */
export const pad = operator<
  (
    input: Tensor,
    pad: readonly number[],
    ...args: Cut<[mode: PadMode, value: number | null], { mode?: PadMode; value?: number | null }>
  ) => Tensor
>(
  'pad(input, pad, mode="constant", value=null)',
  (input: Tensor, amounts: readonly number[], mode: PadMode, value: number | null) => {
    if (amounts.length % 2 !== 0) throw new ArgumentError("Padding length must be divisible by 2", { pad: amounts });
    if (amounts.length > 2 * input.ndim) throw new ArgumentError("Padding length too large", { pad: amounts });
    if (mode === "constant") return constantPadNd(input, amounts, value ?? 0);
    if (!Object.hasOwn(sources, mode)) throw new ArgumentError(`Unrecognised padding mode ${mode}`, { mode });
    if (value !== null && value !== 0) {
      throw new ArgumentError(`Padding mode "${mode}" doesn't take in value argument`, { mode, value });
    }
    const n = amounts.length / 2;
    if (n < 1 || n > 3 || (input.ndim !== n + 1 && input.ndim !== n + 2)) {
      throw new ShapeError("Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now", {
        shape: input.shape,
        pad: amounts,
      });
    }
    let out = input;
    for (let i = 0; i < n; i++) {
      const [before, after] = amounts.slice(2 * i, 2 * i + 2);
      const dim = input.ndim - 1 - i;
      const size = input.shape[dim];
      if (before === 0 && after === 0) continue;
      const length = size + before + after;
      checkFit(mode, input, dim, before, after);
      const [first, last] = [Math.max(-before, 0), size - 1 + Math.min(after, 0)];
      const index = Int32Array.from({ length }, (_, at) => sources[mode](at - before, size, first, last));
      out = out.indexSelect(dim, tensor(index, { device: input.device }));
    }
    return out;
  },
);

function checkFit(mode: PadMode, input: Tensor, dim: number, before: number, after: number): void {
  const size = input.shape[dim];
  const facts = { shape: input.shape, mode };
  const most = Math.max(before, after);
  if (mode === "reflect" && most >= size) {
    throw new ShapeError(
      `Argument #4: Padding size should be less than the corresponding input dimension, but got: padding (${before}, ${after}) at dimension ${dim} of input [${input.shape.join(", ")}]`,
      facts,
    );
  }
  if (mode === "circular" && most > size) {
    throw new ShapeError("Padding value causes wrapping around more than once.", facts);
  }
  if (size < 1 || size + before + after < 1) {
    throw new ShapeError(
      `input of size ${size} at dimension ${dim} is too small. Calculated output size: ${size + before + after}`,
      facts,
    );
  }
}
