import { noGrad, type Tensor, zeros } from "@kindling/autograd";
import { allReduce } from "./collectives.js";
import { ReduceOp } from "./reduce-op.js";
import type { Work } from "./work.js";

/**
 * Parameters whose gradients are averaged together: one large message costs less than many small ones. They are copied into one
 * tensor for that, and back; a parameter that is a bucket of its own is averaged where it lies.
 */
export class Bucket {
  readonly parameters: readonly Tensor[];
  /** Those whose gradients the running pass has not completed yet. */
  waiting: number;
  /**
   * Whether backward has nothing left to do when it starts. Then it is averaged by the blocking form, which takes half the time of a started one
   * that is waited for.
   */
  readonly #last: boolean;
  #flat: Tensor | null = null;
  #work: Work | null = null;

  constructor(parameters: readonly Tensor[], last: boolean) {
    this.parameters = parameters;
    this.#last = last;
    this.waiting = parameters.length;
  }

  /** Starts averaging. A parameter without a gradient counts with zeros. */
  start(): void {
    const [first] = this.parameters;
    const own = this.parameters.length === 1 && first.grad?.isContiguous() ? first.grad : null;
    if (own === null) {
      noGrad(() => {
        for (const [parameter, view] of this.#views()) {
          if (parameter.grad === null) view.zero_();
          else view.copy_(parameter.grad.detach());
        }
      });
    }
    this.#work = this.#average(own ?? this.#whole());
    this.#inPlace = own !== null;
  }

  #inPlace = false;

  /** Lets MPI work on it; whether it is done. */
  progress(): boolean {
    return this.#work?.isCompleted() ?? true;
  }

  /** Waits for the averages and makes them the gradients of the parameters that `counts` picks; then the bucket waits for the next pass. */
  finish(counts: (parameter: Tensor) => boolean): void {
    this.#work?.wait();
    this.#work = null;
    this.waiting = this.parameters.length;
    if (this.#inPlace) return;
    noGrad(() => {
      for (const [parameter, view] of this.#views()) {
        if (!counts(parameter)) continue;
        if (parameter.grad === null) parameter.grad = view.clone();
        else parameter.grad.detach().copy_(view);
      }
    });
  }

  /** Takes part in the averaging of others, with zeros. */
  shadow(): void {
    const [{ shape, dtype }] = this.parameters;
    const zero = this.parameters.length === 1 ? zeros(shape, { dtype }) : this.#whole().zero_();
    this.#average(zero)?.wait();
  }

  /** On all ranks alike: MPI matches started operations with started ones only. */
  #average(values: Tensor): Work | null {
    return allReduce(values, ReduceOp.AVG, { asyncOp: !this.#last }) ?? null;
  }

  #whole(): Tensor {
    const [{ dtype }] = this.parameters;
    this.#flat ??= zeros(
      this.parameters.reduce((n, p) => n + p.numel(), 0),
      { dtype },
    );
    return this.#flat;
  }

  /** Each parameter with its part of the bucket. */
  *#views(): Iterable<readonly [parameter: Tensor, view: Tensor]> {
    const whole = this.#whole();
    let start = 0;
    for (const parameter of this.parameters) {
      const count = parameter.numel();
      yield [parameter, whole.narrow(0, start, count).view(parameter.shape)];
      start += count;
    }
  }
}

/**
 * Parameters in buckets of up to `cap` bytes, one dtype each, in the order in which backward completes them: from the last to the first. The
 * first bucket is small, so that averaging starts early.
 */
export function bucketsOf(parameters: readonly Tensor[], cap: number, firstCap: number): Bucket[] {
  const buckets: (readonly Tensor[])[] = [];
  let limit = Math.min(firstCap, cap);
  let members: Tensor[] = [];
  let bytes = 0;
  const close = (): void => {
    if (members.length === 0) return;
    buckets.push(members);
    members = [];
    bytes = 0;
    limit = cap;
  };
  for (const parameter of [...parameters].reverse()) {
    if (members.length > 0 && (members[0].dtype !== parameter.dtype || bytes + parameter.nbytes > limit)) close();
    members.push(parameter);
    bytes += parameter.nbytes;
  }
  close();
  return buckets.map((parameters, i) => new Bucket(parameters, i === buckets.length - 1));
}
