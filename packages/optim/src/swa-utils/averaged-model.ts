import { ArgumentError, bind, KindlingError, noGrad, signature, type Tensor, tensor } from "@kindling/autograd";
import type { Cut } from "../names.js";

/** Key of the method by which a module copies itself; the same in every copy of every package. */
const DEEPCOPY: unique symbol = Symbol.for("kindling.nn.deepcopy") as never;

/** What averages need of an `nn.Module`. */
export interface Model {
  readonly training: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: each module has arguments and results of its own
  forward(...args: any[]): any;
  modules(): object[];
  parameters(): Tensor[];
  namedParameters(): [name: string, parameter: Tensor][];
  buffers(): Tensor[];
  train(mode?: boolean): unknown;
  to(device: string): unknown;
  stateDict(prefix: string): Record<string, Tensor>;
  loadStateDict(dict: Record<string, Tensor>): unknown;
}

/** The new average from the one so far, a model's value, and the number of models that are in the average. */
export type AverageFn = (averaged: Tensor, value: Tensor, numAveraged: number) => Tensor;

/** The mean in which every model counts the same: stochastic weight averaging. */
export const getSwaAvgFn = (): AverageFn => (averaged, value, numAveraged) =>
  averaged.add(value.sub(averaged).div(numAveraged + 1));

/**
 * The exponential moving average: `decay · average + (1 − decay) · value`.
 * @throws ArgumentError for a decay outside [0, 1]
 */
export function getEmaAvgFn(decay = 0.999): AverageFn {
  if (!(decay >= 0 && decay <= 1)) {
    throw new ArgumentError(`Invalid decay value ${decay} provided. Please provide a value in [0,1] range.`, { decay });
  }
  return (averaged, value) => averaged.mul(decay).add_(value, { alpha: 1 - decay });
}

/** Options of AveragedModel. */
interface AveragedOptions {
  /** Where the averages are kept; where the model is, if absent. */
  device?: string | null;
  /** How a new model enters the average; `getSwaAvgFn()` where absent. */
  avgFn?: AverageFn | null;
  /** Whether buffers are averaged too, and not just taken over. */
  useBuffers?: boolean;
}

/** The arguments behind the model. */
export type AveragedArgs = Cut<[device: string | null, avgFn: AverageFn | null], AveragedOptions>;

const arguments_ = signature("AveragedModel(device=null, avgFn=null, *, useBuffers=false)");

/**
 * A copy of a model whose parameters are averages over those that the model has had at each `updateParameters`: Izmailov et
 * al., "Averaging Weights Leads to Wider Optima and Better Generalization" (2018). Its state dict is PyTorch's.
 *
 * @example
 * const ema = new swaUtils.AveragedModel(net, { avgFn: swaUtils.getEmaAvgFn(0.999) });
 * for (const [x, y] of loader) {
 *   …; optimizer.step();
 *   ema.updateParameters(net);
 * }
 * ema.forward(x); // with averaged weights
 */
export class AveragedModel<M extends Model = Model> {
  /** The model with averaged parameters. */
  readonly module: M;
  readonly avgFn: AverageFn;
  readonly useBuffers: boolean;
  /** How many models are in the averages: a 0-dimensional int64 tensor on the host. */
  readonly n_averaged: Tensor = tensor(0, { dtype: "int64" });

  /** @throws ArgumentError where `model` is no module */
  constructor(model: M, ...args: AveragedArgs) {
    const [device, avgFn, useBuffers] = bind(arguments_, args) as [string | null, AverageFn | null, boolean];
    const copy = (model as { [DEEPCOPY]?: () => M } | null)?.[DEEPCOPY];
    if (typeof copy !== "function") throw new ArgumentError("AveragedModel takes an nn.Module");
    this.module = copy.call(model);
    if (device !== null) this.module.to(device);
    this.avgFn = avgFn ?? getSwaAvgFn();
    this.useBuffers = useBuffers;
  }

  /** The averaged model's result. */
  forward(...args: Parameters<M["forward"]>): ReturnType<M["forward"]> {
    return this.module.forward(...args);
  }

  /** Takes the parameters that `model` has now into the averages. Buffers are taken over, unless they are averaged too. */
  updateParameters(model: M): void {
    const n = Number(this.n_averaged.item());
    const averaged = (own: Tensor, value: Tensor): void => {
      const here = value.detach().to({ device: own.device });
      own.detach().copy_(n === 0 ? here : this.avgFn(own.detach(), here, n));
    };
    noGrad(() => {
      pairs(this.module.parameters(), model.parameters(), averaged);
      pairs(this.module.buffers(), model.buffers(), (own, value) => {
        if (this.useBuffers) averaged(own, value);
        else own.copy_(value.to({ device: own.device }));
      });
      this.n_averaged.add_(1);
    });
  }

  /** The averaged model's modules. */
  modules(): object[] {
    return this.module.modules();
  }

  /** The averaged parameters. */
  parameters(): Tensor[] {
    return this.module.parameters();
  }

  /** The averaged model's buffers. */
  buffers(): Tensor[] {
    return this.module.buffers();
  }

  get training(): boolean {
    return this.module.training;
  }

  train(mode = true): this {
    this.module.train(mode);
    return this;
  }

  eval(): this {
    return this.train(false);
  }

  /** `n_averaged`, and the averaged model's state with `module.` in front of its names. */
  stateDict(): Record<string, Tensor> {
    return Object.assign(
      Object.create(null),
      { n_averaged: this.n_averaged.detach() },
      this.module.stateDict("module."),
    );
  }

  /**
   * Copies a state from `stateDict`, or PyTorch's.
   * @throws KindlingError for names that are missing or not expected, and as the module's `loadStateDict` does
   */
  loadStateDict(dict: Readonly<Record<string, Tensor>>): void {
    const own = Object.keys(this.stateDict());
    const quoted = (keys: readonly string[]): string => keys.map((key) => `"${key}"`).join(", ");
    const missing = own.filter((key) => !Object.hasOwn(dict, key));
    const unexpected = Object.keys(dict).filter((key) => !own.includes(key));
    const problems = [
      ...(missing.length > 0 ? [`Missing key(s) in stateDict: ${quoted(missing)}. `] : []),
      ...(unexpected.length > 0 ? [`Unexpected key(s) in stateDict: ${quoted(unexpected)}. `] : []),
    ];
    if (problems.length > 0) {
      throw new KindlingError(`Error(s) in loading stateDict for AveragedModel:\n\t${problems.join("\n\t")}`, {
        missingKeys: missing,
        unexpectedKeys: unexpected,
      });
    }
    const { n_averaged, ...rest } = dict;
    const entries = Object.entries(rest).map(([key, value]) => [key.slice("module.".length), value] as const);
    this.module.loadStateDict(Object.fromEntries(entries));
    noGrad(() => this.n_averaged.copy_(n_averaged));
  }
}

function pairs(own: readonly Tensor[], others: readonly Tensor[], f: (own: Tensor, other: Tensor) => void): void {
  if (own.length !== others.length) {
    throw new ArgumentError(
      `expected a model with ${own.length} tensors, as the averaged one has, but got ${others.length}`,
    );
  }
  own.forEach((t, i) => {
    f(t, others[i]);
  });
}
