import {
  ArgumentError,
  bind,
  DeviceError,
  isGradEnabled,
  noGrad,
  signature,
  type Tensor,
  tensor,
} from "@kindling/autograd";
import { Module } from "@kindling/nn";
import { allGatherIntoTensor, allReduce, broadcast } from "./collectives.js";
import { DistributedError } from "./errors.js";
import { getRank, getWorldSize } from "./process-group.js";
import { ReduceOp } from "./reduce-op.js";
import { Reducer } from "./reducer.js";

/** How gradients are averaged. */
export interface DistributedDataParallelOptions {
  /** Whether buffers, such as running means, are made equal to rank 0's in each backward pass. */
  broadcastBuffers?: boolean;
  /** Most megabytes (2²⁰ bytes) of gradients that are averaged in one message. */
  bucketCapMb?: number;
  /** Whether a pass may leave out parameters, others on each rank. It then costs a walk through the graph and a small message. */
  findUnusedParameters?: boolean;
}

const arguments_ = signature(
  "DistributedDataParallel(*, broadcastBuffers=true, bucketCapMb=25, findUnusedParameters=false)",
);

/** What a rank is about to do, told to all while `join` runs. */
const JOINED = 0;
const ACCUMULATES = 1;
const AVERAGES = 2;

/**
 * Trains a module on all ranks, each with a part of the data: all begin with rank 0's parameters and buffers, and in each backward pass
 * the gradients become their means over the ranks, so that optimizers which do the same everywhere keep the parameters equal. The mean
 * of the ranks' gradients is the gradient of a batch's mean loss where all ranks have the same number of samples in it.
 *
 * Averages are under way while backward runs, and there when it returns. State dicts and names of parameters are the module's own.
 *
 * @example
 * initProcessGroup();
 * const model = new DistributedDataParallel(new nn.Linear(10, 2));
 * const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
 */
export class DistributedDataParallel<M extends Module = Module> extends Module {
  readonly module: M;
  readonly #reducer: Reducer;
  /** How many `noSync` run. */
  #unsynced = 0;
  #joining = false;

  /**
   * @throws DistributedError where the ranks' modules differ
   * @throws DeviceError where parameters or buffers are not on `cpu`
   */
  constructor(module: M, ...options: [options?: DistributedDataParallelOptions]) {
    super();
    const [broadcastBuffers, bucketCapMb, findUnusedParameters] = bind(arguments_, options);
    const parameters = module.parameters();
    const learned = parameters.filter((p) => p.requiresGrad);
    if (learned.length === 0) {
      throw new ArgumentError(
        "DistributedDataParallel is not needed when a module doesn't have any parameters that require a gradient.",
      );
    }
    if (!((bucketCapMb as number) > 0)) {
      throw new ArgumentError(`bucketCapMb must be above 0, but got ${bucketCapMb}`, { bucketCapMb });
    }
    const elsewhere = [...parameters, ...module.buffers()].find((t) => t.device !== "cpu");
    if (elsewhere !== undefined) {
      throw new DeviceError(
        `DistributedDataParallel: MPI cannot reach parameters and buffers on device '${elsewhere.device}'; train on 'cpu'`,
        { device: elsewhere.device },
      );
    }
    this.module = module;
    this.training = module.training;
    expectEqual(module);
    this.#takeOver(0);
    this.#reducer = new Reducer(learned, {
      cap: (bucketCapMb as number) * 2 ** 20,
      findUnused: findUnusedParameters as boolean,
      buffers: broadcastBuffers ? module.buffers() : [],
    });
  }

  /** The module's `forward`. */
  override forward(...args: Parameters<M["forward"]>): ReturnType<M["forward"]> {
    const { module } = this as { module: Module };
    if (!isGradEnabled()) return module.forward(...args);
    const averages = this.#unsynced === 0;
    if (this.#joining) this.#tell(averages ? AVERAGES : ACCUMULATES);
    this.#reducer.expect(averages);
    const outputs = module.forward(...args);
    this.#reducer.reached(outputs);
    return outputs;
  }

  /**
   * Runs `fn`, whose passes only accumulate gradients on each rank; the first pass behind it averages what has come together. Forward belongs
   * inside, too. `fn` may be asynchronous.
   */
  noSync<R>(fn: () => R): R {
    this.#unsynced++;
    return after(fn, () => void this.#unsynced--);
  }

  /**
   * Runs `fn`, a loop of training steps that may be longer on some ranks: those that are done take part in the averages of the others with
   * zeros, and at the end all have the parameters and buffers of a rank that was the last. Not those of its optimizer, which has seen steps that others
   * have not; `DistributedSampler` gives all ranks the same number of steps.
   */
  async join<R>(fn: () => R | Promise<R>): Promise<R> {
    this.#joining = true;
    let result: R;
    try {
      result = await fn();
    } finally {
      this.#joining = false;
    }
    let rounds = 0;
    for (let all = this.#tell(JOINED); Math.max(...all) > JOINED; all = this.#tell(JOINED)) {
      rounds++;
      if (all.includes(AVERAGES)) this.#reducer.shadow();
    }
    this.#reducer.root = 0;
    const last = tensor([rounds === 0 ? getRank() : -1], { dtype: "int32" });
    allReduce(last, ReduceOp.MAX);
    this.#takeOver(last.item() as number);
    return result;
  }

  /** All parameters and persistent buffers, under the names that they have in the module. */
  override stateDict(...args: Parameters<Module["stateDict"]>): ReturnType<Module["stateDict"]> {
    return this.module.stateDict(...args);
  }

  /** The module's `loadStateDict`. Every rank calls it, with the same state. */
  override loadStateDict(...args: Parameters<Module["loadStateDict"]>): ReturnType<Module["loadStateDict"]> {
    return this.module.loadStateDict.apply(this.module, args);
  }

  /** The parameters under the names that they have in the module. */
  override namedParameters(...args: Parameters<Module["namedParameters"]>): ReturnType<Module["namedParameters"]> {
    return this.module.namedParameters(...args);
  }

  /** The buffers under the names that they have in the module. */
  override namedBuffers(...args: Parameters<Module["namedBuffers"]>): ReturnType<Module["namedBuffers"]> {
    return this.module.namedBuffers(...args);
  }

  /** Tells all what this rank is about to do; gives what each does. The first that is still at work has the buffers that count. */
  #tell(mine: number): readonly number[] {
    const all = tensor(new Int32Array(getWorldSize()));
    allGatherIntoTensor(all, tensor([mine], { dtype: "int32" }));
    const states = all.tolist() as number[];
    this.#reducer.root = Math.max(
      0,
      states.findIndex((state) => state > JOINED),
    );
    return states;
  }

  /** Gives all ranks the parameters and buffers of one. */
  #takeOver(rank: number): void {
    for (const t of tensorsOf(this.module)) noGrad(() => broadcast(t, rank));
  }
}

const tensorsOf = (module: Module): Tensor[] => [...module.parameters(), ...module.buffers()];

/** Runs `then` when `fn` has returned, or its promise is settled. */
function after<R>(fn: () => R, then: () => void): R {
  let waits = false;
  try {
    const result = fn();
    if (typeof (result as { then?: unknown } | null | undefined)?.then !== "function") return result;
    waits = true;
    return Promise.resolve(result).finally(then) as R;
  } finally {
    if (!waits) then();
  }
}

/** @throws DistributedError where ranks have other names, sizes or dtypes: their messages would not fit */
function expectEqual(module: Module): void {
  const text = [...module.namedParameters(), ...module.namedBuffers()]
    .map(([name, t]) => `${name} ${t.dtype} [${t.shape.join(", ")}] ${t.requiresGrad}`)
    .join("\n");
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  const all = tensor(new Int32Array(getWorldSize()));
  allGatherIntoTensor(all, tensor(Int32Array.of(hash)));
  const different = (all.tolist() as number[]).findIndex((other, _, [first]) => other !== first);
  if (different >= 0) {
    throw new DistributedError(
      `DistributedDataParallel expects the same parameters and buffers on all ranks, but rank ${different} has others than rank 0`,
      { rank: different },
    );
  }
}
