import { type autograd, noGrad, type RemovableHandle, type Tensor, tensor } from "@kindling/autograd";
import { type Bucket, bucketsOf } from "./buckets.js";
import { allReduce, broadcast } from "./collectives.js";
import { DistributedError } from "./errors.js";
import { ReduceOp } from "./reduce-op.js";

export interface ReducerOptions {
  /** Most bytes of a bucket. */
  readonly cap: number;
  readonly findUnused: boolean;
  /** Tensors that all ranks take over from one of them after each pass. */
  readonly buffers: readonly Tensor[];
}

/** Most bytes of the first bucket. */
const FIRST = 2 ** 20;

/**
 * Averages gradients over the ranks while backward runs. Each parameter reports when its gradient is complete; a bucket starts when all
 * of its parameters have, in the same order on all ranks; with the last one backward waits for the averages.
 */
export class Reducer {
  readonly #parameters: readonly Tensor[];
  readonly #options: ReducerOptions;
  readonly #buckets: readonly Bucket[];
  readonly #bucketOf = new Map<Tensor, Bucket>();
  readonly #handles: readonly RemovableHandle[];
  /** Whether gradients are averaged, or only accumulate here. */
  #listens = false;
  /** Parameters that the running pass has completed. */
  readonly #complete = new Set<Tensor>();
  /** Those that it will not reach. */
  #unused: ReadonlySet<Tensor> = new Set();
  #started = 0;
  /** Whose buffers all take over. */
  root = 0;

  constructor(parameters: readonly Tensor[], options: ReducerOptions) {
    this.#parameters = parameters;
    this.#options = options;
    this.#buckets = bucketsOf(parameters, options.cap, FIRST);
    for (const bucket of this.#buckets) for (const p of bucket.parameters) this.#bucketOf.set(p, bucket);
    this.#handles = parameters.map((p) => p.registerPostAccumulateGradHook(() => this.#arrived(p)));
  }

  /**
   * Before forward.
   * @throws DistributedError where the pass before has not reached all parameters
   */
  expect(averages: boolean): void {
    if (this.#complete.size > 0) {
      const missing = this.#parameters.flatMap((p, i) => (this.#complete.has(p) ? [] : [i]));
      throw new DistributedError(
        "Expected to have finished reduction in the prior iteration before starting a new one. This error indicates that your module has parameters that were not used in producing loss. " +
          "You can enable unused parameter detection by passing `findUnusedParameters: true` to DistributedDataParallel, and by making sure all `forward` function outputs participate in calculating loss. " +
          `Parameter indices which did not receive grad: ${missing.join(" ")}`,
        { missing },
      );
    }
    this.#listens = averages;
    this.#unused = new Set();
  }

  /** After forward: finds out which parameters no path from its outputs leads to. */
  reached(outputs: unknown): void {
    if (this.#options.findUnused && this.#listens) this.#unused = unreached(this.#parameters, outputs);
  }

  /** Takes part in a pass of other ranks. */
  shadow(): void {
    for (const bucket of this.#buckets) bucket.shadow();
    if (this.#options.findUnused) this.#usedByAny(new Set());
    this.#equalBuffers();
  }

  /** Stops listening to the parameters. */
  remove(): void {
    for (const handle of this.#handles) handle.remove();
  }

  #arrived(parameter: Tensor): void {
    if (!this.#listens) return;
    if (this.#complete.size === 0) for (const unused of this.#unused) this.#count(unused);
    this.#complete.add(parameter);
    this.#count(parameter);
    // MPI works while it is called, so it is called often
    for (let i = 0; i < this.#started; i++) if (!this.#buckets[i].progress()) break;
    if (this.#started === this.#buckets.length) this.#finish();
  }

  #count(parameter: Tensor): void {
    const bucket = this.#bucketOf.get(parameter) as Bucket;
    if (--bucket.waiting < 0) {
      throw new DistributedError(
        "Expected to mark a variable ready only once: backward reached a parameter again before it had reached all of them",
      );
    }
    while (this.#started < this.#buckets.length && this.#buckets[this.#started].waiting === 0) {
      this.#buckets[this.#started++].start();
    }
  }

  #finish(): void {
    const used = this.#options.findUnused ? this.#usedByAny(this.#complete) : null;
    for (const bucket of this.#buckets) bucket.finish((p) => used === null || used.has(p));
    this.#equalBuffers();
    this.#complete.clear();
    this.#started = 0;
  }

  /** Parameters that some rank's pass has reached. Others keep their gradients, or none. */
  #usedByAny(mine: ReadonlySet<Tensor>): ReadonlySet<Tensor> {
    const flags = tensor(Int32Array.from(this.#parameters, (p) => (mine.has(p) ? 1 : 0)));
    allReduce(flags, ReduceOp.MAX);
    const used = flags.tolist() as number[];
    return new Set(this.#parameters.filter((_, i) => used[i] === 1));
  }

  #equalBuffers(): void {
    for (const buffer of this.#options.buffers) noGrad(() => broadcast(buffer, this.root));
  }
}

/** The tensors in a module's result: in arrays, plain objects and maps. */
function* tensorsIn(value: unknown): Iterable<Tensor> {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  if ("gradFn" in value) yield value as Tensor;
  else for (const part of value instanceof Map ? value.values() : Object.values(value)) yield* tensorsIn(part);
}

/** The parameters that no path through the graph leads to from a module's outputs. */
function unreached(parameters: readonly Tensor[], outputs: unknown): ReadonlySet<Tensor> {
  const seen = new Set<autograd.Node>();
  const left = new Set(parameters);
  const stack: autograd.Node[] = [];
  for (const output of tensorsIn(outputs)) {
    left.delete(output);
    if (output.gradFn !== null) stack.push(output.gradFn);
  }
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const input of node.inputs) if (input !== null) stack.push(input);
  }
  for (const parameter of parameters) {
    if (parameter.accumulator !== null && seen.has(parameter.accumulator)) left.delete(parameter);
  }
  return left;
}
