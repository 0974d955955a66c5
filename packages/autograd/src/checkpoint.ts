import { ArgumentError, AutogradError, sameShape } from "@kindling/storage";
import { isOptions } from "./args.js";
import { enableGrad, withModes } from "./grad-mode.js";
import { getRngState, setRngState } from "./ops/random.js";
import { savedTensorsHooks } from "./saved-hooks.js";
import type { Tensor } from "./tensor.js";

/** Settings of `checkpoint`. */
export interface CheckpointOptions {
  /** Draw the same random numbers when computing again (default true). */
  preserveRngState?: boolean;
}

/**
 * `fn(...args)` without keeping what its derivatives need: the backward pass computes it again when it gets there. Less memory
 * for about a third more time (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost"). `fn` must do the same each
 * time it is called. It is PyTorch's form without reentrancy: hooks, `autograd.grad` and higher derivatives work through it.
 *
 * @example
 * const y = autograd.checkpoint((x) => block.forward(x), x);
 */
export function checkpoint<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R;
export function checkpoint<A extends unknown[], R>(
  fn: (...args: A) => R,
  ...args: [...A, options: CheckpointOptions]
): R;
export function checkpoint<A extends unknown[], R>(fn: (...args: A) => R, ...args: unknown[]): R {
  if (typeof fn !== "function") throw new ArgumentError("checkpoint takes a function");
  const last = args[args.length - 1];
  const options = isOptions(last) ? (args.pop() as CheckpointOptions) : {};
  for (const key of Object.keys(options)) {
    if (key === "preserveRngState") continue;
    throw new ArgumentError(`checkpoint() got an unexpected keyword argument '${key}' (it knows preserveRngState)`, {
      argument: key,
    });
  }
  const given = args as unknown as A;
  const rng = options.preserveRngState === false ? null : getRngState();
  const saved: { shape: readonly number[]; dtype: string }[] = [];
  const again = new Map<number, Tensor>();

  function recompute(): void {
    const before = getRngState();
    let count = 0;
    const keep = (t: Tensor): number => {
      again.set(count, t);
      return count++;
    };
    const refuse = (): Tensor => {
      throw new AutogradError("checkpoint: a derivative was asked for while the function was computed again");
    };
    try {
      if (rng !== null) setRngState(rng);
      withModes("checkpoint", { inferenceMode: false }, () =>
        savedTensorsHooks(keep, refuse, () => enableGrad(() => void fn(...given))),
      );
    } finally {
      if (rng !== null) setRngState(before);
    }
    const differ = (i: number): boolean =>
      again.get(i)?.dtype !== saved[i].dtype || !sameShape((again.get(i) as Tensor).shape, saved[i].shape);
    if (count !== saved.length) {
      throw new AutogradError(
        `checkpoint: A different number of tensors was saved during the original forward and recomputation.\nNumber of tensors saved during forward: ${saved.length}\nNumber of tensors saved during recomputation: ${count}`,
        { forward: saved.length, recomputation: count },
      );
    }
    if (saved.some((_, i) => differ(i))) {
      throw new AutogradError(
        "checkpoint: Recomputed values for the following tensors have different metadata than during the forward pass: the function does not do the same each time",
      );
    }
  }

  return savedTensorsHooks(
    ({ shape, dtype }) => saved.push({ shape, dtype }) - 1,
    (i) => {
      if (!again.has(i)) recompute();
      const value = again.get(i) as Tensor;
      again.delete(i);
      return value;
    },
    () => fn(...given),
  );
}

/**
 * The functions one after the other, in `segments` parts of which all but the last are checkpoints.
 *
 * @example
 * autograd.checkpointSequential(layers.map((layer) => (x) => layer.forward(x)), 4, x);
 */
export function checkpointSequential(
  functions: readonly ((x: Tensor) => Tensor)[],
  segments: number,
  input: Tensor,
  options: CheckpointOptions = {},
): Tensor {
  if (!Number.isInteger(segments) || segments < 1) throw new ArgumentError("segments must be a whole number from 1 up");
  const size = Math.max(1, Math.floor(functions.length / segments));
  const through = (from: number, to: number) => (x: Tensor) => functions.slice(from, to).reduce((y, f) => f(y), x);
  const cuts = Array.from({ length: segments - 1 }, (_, i) => i * size).filter(
    (from) => from + size < functions.length,
  );
  const x = cuts.reduce((y, from) => checkpoint(through(from, from + size), y, options), input);
  return through(cuts.length * size, functions.length)(x);
}
