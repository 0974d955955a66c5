import { ArgumentError, cat, type DType, logSoftmax, ShapeError, type Tensor, where } from "@kindling/autograd";
import { binder, type Cut, type FactoryOptions } from "./args.js";
import { ModuleList, Sequential } from "./containers.js";
import { Linear } from "./linear.js";
import { Module } from "./module.js";

type Settings = [divValue: number, headBias: boolean, device: string | null, dtype: DType | null];
const bindAdaptive = binder<[inFeatures: number, nClasses: number, cutoffs: readonly number[], ...Settings]>(
  "AdaptiveLogSoftmaxWithLoss(inFeatures, nClasses, cutoffs, divValue=4, headBias=false, device=null, dtype=null)",
);

/**
 * A softmax over many classes, the frequent ones first (Grave et al. 2017): those below `cutoffs[0]` have scores of their own, the
 * others share one with their cluster, inside which smaller projections decide (`inFeatures / divValue`, `/ divValue²`, …).
 * Inputs (N, inFeatures) or (inFeatures), targets (N) or (): the log-probabilities of the targets, and minus their mean.
 *
 * @example
 * const softmax = new nn.AdaptiveLogSoftmaxWithLoss(16, 1000, [10, 100]);
 * const [logProbs, loss] = softmax.forward(randn(8, 16), randint(1000, [8]));
 */
export class AdaptiveLogSoftmaxWithLoss extends Module {
  readonly inFeatures: number;
  readonly nClasses: number;
  /** Where clusters begin and end, `nClasses` last. */
  readonly cutoffs: readonly number[];
  readonly divValue: number;
  readonly headBias: boolean;
  head: Linear;
  tail: ModuleList;

  /** @throws ArgumentError unless the cutoffs are different whole numbers from 1 to nClasses − 1, in order */
  constructor(
    ...args: [
      inFeatures: number,
      nClasses: number,
      cutoffs: readonly number[],
      ...Cut<Settings, FactoryOptions & { divValue?: number; headBias?: boolean }>,
    ]
  ) {
    const [inFeatures, nClasses, cutoffs, divValue, headBias, device, dtype] = bindAdaptive(args);
    super();
    if (cutoffs.length === 0) throw new ArgumentError("cutoffs should be a sequence of length larger than 0");
    const fits = (c: number, i: number): boolean =>
      Number.isInteger(c) && c > (i === 0 ? 0 : cutoffs[i - 1]) && c < nClasses;
    if (!cutoffs.every(fits)) {
      throw new ArgumentError(
        "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value is between 1 and nClasses-1",
        { cutoffs, nClasses },
      );
    }
    this.inFeatures = inFeatures;
    this.nClasses = nClasses;
    this.cutoffs = [...cutoffs, nClasses];
    this.divValue = divValue;
    this.headBias = headBias;
    const factory = { device, dtype };
    this.head = new Linear(inFeatures, cutoffs[0] + cutoffs.length, { bias: headBias, ...factory });
    this.tail = new ModuleList(
      cutoffs.map((from, i) => {
        const inner = Math.floor(inFeatures / divValue ** (i + 1));
        return new Sequential(
          new Linear(inFeatures, inner, { bias: false, ...factory }),
          new Linear(inner, this.cutoffs[i + 1] - from, { bias: false, ...factory }),
        );
      }),
    );
  }

  /** Draws all weights anew. */
  resetParameters(): void {
    for (const module of this.modules()) if (module instanceof Linear) module.resetParameters();
  }

  override forward(input: Tensor, target: Tensor): [output: Tensor, loss: Tensor] {
    if (target.ndim > 1) {
      throw new ShapeError("0D or 1D target tensor expected, multi-target not supported", { target: target.shape });
    }
    if (input.ndim !== target.ndim + 1) {
      throw new ShapeError(
        `${target.ndim}D target tensor expects ${target.ndim + 1}D input tensors, but found inputs with size [${input.shape.join(", ")}]`,
        { input: input.shape, target: target.shape },
      );
    }
    if (target.ndim === 1 && input.shape[0] !== target.shape[0]) {
      throw new ShapeError("Input and target should have the same size in the batch dimension.", {
        input: input.shape,
        target: target.shape,
      });
    }
    const known = target.storage.device.backend.readSync === undefined ? null : this.checked(target);
    const x = target.ndim === 1 ? input : input.unsqueeze(0);
    const wanted = target.reshape(-1, 1);
    const head = logSoftmax(this.head.forward(x), 1);
    const [shortlist] = this.cutoffs;
    let output = head.gather(1, wanted.clampMax(shortlist - 1));
    for (const [i, cluster] of [...this.tail].entries()) {
      const [from, to] = [this.cutoffs[i], this.cutoffs[i + 1]];
      // as in PyTorch, weights of a cluster that no target is in get no gradient, where that can be seen
      if (known?.every((c) => c < from || c >= to)) continue;
      const inside = logSoftmax(cluster.forward(x), 1).gather(
        1,
        wanted.sub(from).clamp({ min: 0, max: to - from - 1 }),
      );
      const own = head.narrow(1, shortlist + i, 1).add(inside);
      output = where(wanted.ge(from).logicalAnd(wanted.lt(to)), own, output);
    }
    const flat = output.reshape(target.shape);
    return [flat, flat.mean().neg()];
  }

  /** The targets, which must be classes. */
  private checked(target: Tensor): number[] {
    const classes = [target.tolist()].flat().map(Number);
    const [least, most] = [Math.min(...classes), Math.max(...classes)];
    if (classes.length === 0 || (least >= 0 && most < this.nClasses)) return classes;
    throw new ArgumentError(
      `Target values should be in [0, ${this.nClasses - 1}], but values in range [${least}, ${most}] were found. `,
      { least, most },
    );
  }

  /** The log-probabilities of all classes: (N, inFeatures) → (N, nClasses). */
  logProb(input: Tensor): Tensor {
    const head = logSoftmax(this.head.forward(input), 1);
    const [shortlist] = this.cutoffs;
    const clusters = [...this.tail].map((cluster, i) =>
      logSoftmax(cluster.forward(input), 1).add(head.narrow(1, shortlist + i, 1)),
    );
    return cat([head.narrow(1, 0, shortlist), ...clusters], 1);
  }

  /** The most probable class of each input: (N, inFeatures) → (N). */
  predict(input: Tensor): Tensor {
    return this.logProb(input).argmax(1);
  }
}
