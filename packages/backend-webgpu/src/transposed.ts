import type { View } from "@kindling/storage";
import { copy, fill } from "./pointwise.js";
import type { Places } from "./turn.js";

/*
 * The gradient of a convolution's input is a convolution of the result's gradient with the weight backwards. With a stride most
 * places of the kernel meet nothing: input elements fall into phases, by the rest of their padded position, and each phase sees
 * every `stride`th place only. A phase is a convolution of stride 1, whose results lie `stride` apart.
 */

type Pair = readonly [number, number];

export interface Phase {
  /** The elements of the input's gradient that belong to it. */
  readonly out: View;
  readonly places: Places;
  readonly padding: Pair;
  readonly count: Pair;
}

interface Layout {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
}

/** One dimension of a phase: `rest` is that of the position plus padding, divided by the stride. */
function along(size: number, kernel: number, stride: number, padding: number, rest: number) {
  const places = Math.max(0, Math.ceil((kernel - rest) / stride));
  const turn = Math.ceil((padding - rest) / stride);
  const first = stride * turn + rest - padding;
  return { places, first, count: Math.max(0, Math.ceil((size - first) / stride)), padding: places - 1 - turn };
}

/** The phases of a gradient `out` (N, C, H, W) that have elements; those without a place have a count of places of 0. */
export function phasesOf(out: View, { kernel, stride, padding }: Layout): Phase[] {
  const { storage, shape, strides, offset } = out;
  const phases: Phase[] = [];
  for (let i = 0; i < stride[0]; i++) {
    for (let j = 0; j < stride[1]; j++) {
      const y = along(shape[2], kernel[0], stride[0], padding[0], i);
      const x = along(shape[3], kernel[1], stride[1], padding[1], j);
      if (y.count === 0 || x.count === 0) continue;
      phases.push({
        out: {
          storage,
          shape: [shape[0], shape[1], y.count, x.count],
          strides: [strides[0], strides[1], strides[2] * stride[0], strides[3] * stride[1]],
          offset: offset + y.first * strides[2] + x.first * strides[3],
        },
        places: { kernel, start: [i, j], step: stride, count: [y.places, x.places] },
        padding: [y.padding, x.padding],
        count: [y.count, x.count],
      });
    }
  }
  return phases;
}

/** What no window reaches is the bias (C), or 0. */
export function fillWithBias(out: View, bias: View | null): void {
  if (bias === null) fill(out, 0);
  else copy(out, { storage: bias.storage, shape: out.shape, strides: [0, bias.strides[0], 0, 0], offset: bias.offset });
}
