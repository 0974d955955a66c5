import type { View } from "./storage.js";

/*
 * What some fast paths get besides views: said once, for the operators that call them and for the backends that have them. The fast paths themselves
 * are declared beside their operators.
 */

/** How windows lie over an image. `padding` is the one before the image. */
export interface ImageWindows {
  readonly stride: readonly [vertical: number, horizontal: number];
  readonly padding: readonly [vertical: number, horizontal: number];
  readonly dilation: readonly [vertical: number, horizontal: number];
}

/** A convolution. */
export interface ConvolutionLayout extends ImageWindows {
  readonly groups: number;
}

/** Pooling. */
export interface PoolLayout extends ImageWindows {
  readonly kernel: readonly [vertical: number, horizontal: number];
}

/** A walk through the steps of a recurrent layer. All views are contiguous; S is the sum of `sizes`. */
export interface RecurrentSequence {
  /** How many sequences are at each step: the first rows of the state. They do not grow; `sizes[0]` is N. */
  readonly sizes: readonly number[];
  /** Whether the walk goes from the last step to the first. */
  readonly reverse: boolean;
  /** Whether an RNN has ReLU for tanh. */
  readonly relu: boolean;
  /**
   * (S, gates · H): the projected inputs, without biases. The walk leaves the gates here, after their functions: h itself, or
   * i, f, g, o, or r, z, n.
   */
  readonly gates: View;
  /** (gates · H, H). */
  readonly weight: View;
  /** (gates · H) each. Of the derivative they are no part, and `null`. */
  readonly biasIh: View | null;
  readonly biasHh: View | null;
  /** (N, H) each: h, and c of an LSTM. */
  readonly initial: readonly View[];
}

/** Arguments of a walk: `output`, `last`, `previous` and `kept` are written. */
export type SequenceForward = [
  s: RecurrentSequence,
  output: View,
  last: readonly View[],
  previous: View | null,
  kept: View | null,
];

/** Arguments of its derivative: what begins with `grad` after `gradLast` is written. */
export type SequenceBackward = [
  s: RecurrentSequence,
  previous: View,
  kept: View | null,
  gradOutput: View | null,
  gradLast: readonly (View | null)[],
  gradGates: View,
  gradHidden: View | null,
  gradInitial: readonly (View | null)[],
  gradBiasIh: View | null,
  gradBiasHh: View | null,
];
