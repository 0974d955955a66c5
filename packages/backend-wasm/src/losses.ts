import { IndexError, type View } from "@kindling/storage";
import { floats } from "./memory.js";

/*
 * The losses of classes: fast paths of autograd/src/ops/class-loss.ts. One element a target is read or written: that is as fast in plain
 * loops, which any size goes through.
 */

interface Layout {
  readonly ignoreIndex: number;
  readonly reduction: string;
}

/** Calls `visit(target, weight, place in the input)` for all targets that count. */
function eachTarget(
  [samples, classes, length]: readonly number[],
  target: View,
  weight: View | null,
  ignoreIndex: number,
  visit: (i: number, weight: number, at: number) => void,
): void {
  const numbers = target.storage.handle as Int32Array;
  const factors = weight === null ? null : floats(weight);
  for (let n = 0, i = 0; n < samples; n++) {
    for (let l = 0; l < length; l++, i++) {
      const t = numbers[target.offset + i];
      if (t === ignoreIndex) continue;
      if (t < 0 || t >= classes) throw new IndexError(`Target ${t} is out of bounds.`, { index: t });
      const w = weight === null ? 1 : (factors as Float32Array)[weight.offset + t * weight.strides[0]];
      visit(i, w, (n * classes + t) * length + l);
    }
  }
}

const forward = {
  run(out: View, total: View, input: View, target: View, weight: View | null, layout: Layout): void {
    const { ignoreIndex, reduction } = layout;
    const [to, from] = [floats(out), floats(input)];
    if (reduction === "none") to.fill(0, out.offset, out.offset + out.shape[0] * out.shape[1]);
    let [sum, weights] = [0, 0];
    eachTarget(input.shape, target, weight, ignoreIndex, (i, w, at) => {
      const loss = -w * from[input.offset + at];
      if (reduction === "none") to[out.offset + i] = loss;
      sum += loss;
      weights += w;
    });
    floats(total)[total.offset] = weights;
    if (reduction !== "none") to[out.offset] = reduction === "mean" ? sum / weights : sum;
  },
};

const backward = {
  run(out: View, grad: View, total: View, target: View, weight: View | null, layout: Layout): void {
    const { ignoreIndex, reduction } = layout;
    const [to, from] = [floats(out), floats(grad)];
    const [samples, classes, length] = out.shape;
    to.fill(0, out.offset, out.offset + samples * classes * length);
    const divisor = reduction === "mean" ? floats(total)[total.offset] : 1;
    eachTarget(out.shape, target, weight, ignoreIndex, (i, w, at) => {
      to[out.offset + at] = (-w * from[grad.offset + (reduction === "none" ? i : 0)]) / divisor;
    });
  },
};

export const losses = {
  nllLoss: { float32: forward, float64: forward },
  nllLossBackward: { float32: backward, float64: backward },
};
