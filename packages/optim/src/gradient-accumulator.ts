import { ArgumentError, bind, noGrad, signature, type Tensor } from "@kindling/autograd";
import type { Optimizer } from "./optimizer.js";

/** Options of GradientAccumulator. */
export interface GradientAccumulatorOptions {
  /** Batches to a step. */
  steps?: number;
  /** Called before each step of the optimizer, when the gradients are whole: the place to clip them. */
  beforeStep?: (() => void) | null;
}

const arguments_ = signature("GradientAccumulator(steps, beforeStep=null)");

/**
 * Lets an optimizer make one step for several batches, as if they were one: losses are divided by their number, and
 * gradients forgotten after each step only.
 *
 * @example
 * const accumulator = new optim.GradientAccumulator(optimizer, 4);
 * for (const [x, y] of loader) accumulator.backward(lossOf(net.forward(x), y));
 * accumulator.flush(); // what is left where the number of batches is no multiple of 4
 */
export class GradientAccumulator {
  readonly optimizer: Optimizer;
  readonly steps: number;
  readonly beforeStep: (() => void) | null;
  /** Batches since the last step. */
  count = 0;

  /** @throws ArgumentError where `steps` is no positive integer */
  constructor(
    optimizer: Pick<Optimizer, "step" | "zeroGrad" | "paramGroups">,
    ...options:
      | [steps: number, options?: Omit<GradientAccumulatorOptions, "steps">]
      | [options: GradientAccumulatorOptions]
  ) {
    const [steps, beforeStep] = bind(arguments_, options) as [number, (() => void) | null];
    if (!(Number.isInteger(steps) && steps > 0)) {
      throw new ArgumentError(`steps should be a positive integer, but got ${steps}`, { steps });
    }
    this.optimizer = optimizer as Optimizer;
    this.steps = steps;
    this.beforeStep = beforeStep;
  }

  /** The backward pass of a batch's mean loss. Returns whether the optimizer made its step. */
  backward(loss: Tensor): boolean {
    loss.div(this.steps).backward();
    this.count++;
    if (this.count < this.steps) return false;
    this.#step();
    return true;
  }

  /** The step for batches that are left: their mean counts. Returns whether there were any. */
  flush(): boolean {
    if (this.count === 0) return false;
    const factor = this.steps / this.count;
    noGrad(() => {
      for (const { params } of this.optimizer.paramGroups) for (const { grad } of params) grad?.mul_(factor);
    });
    this.#step();
    return true;
  }

  #step(): void {
    this.count = 0;
    this.beforeStep?.();
    this.optimizer.step();
    this.optimizer.zeroGrad();
  }
}
