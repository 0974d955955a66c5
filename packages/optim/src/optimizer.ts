import {
  ArgumentError,
  bind,
  enableGrad,
  heldBy,
  isOptions,
  isTensor,
  KindlingError,
  noGrad,
  signature,
  type Tensor,
} from "@kindling/autograd";
import { type Cut, copyOf, toCamel } from "./names.js";
import { castState, type OptimizerStateDict, packGroup, type SavedState, unpackGroup } from "./state-dict.js";

/** What every group of parameters has. */
export interface GroupOptions {
  /** Learning rate. */
  lr: number;
}

/** Parameters that share options. Options may be changed between steps; schedulers do. */
export type ParamGroup<O extends GroupOptions = GroupOptions> = O & {
  params: Tensor[];
  /** The learning rate that a scheduler started from. */
  initialLr?: number;
};

/** A group as it is given: options that are absent come from the optimizer. Further keys are kept. */
export type ParamGroupInit<O extends GroupOptions = GroupOptions> = Partial<O> & {
  params: Tensor | Iterable<Tensor>;
} & Record<string, unknown>;

/** Tensors, or groups of them. */
export type Params<O extends GroupOptions = GroupOptions> = Iterable<Tensor> | Iterable<ParamGroupInit<O>>;

/** The arguments behind the parameters: positional ones in PyTorch's order, the learning rate first, then options by name. */
export type OptimizerArgs<O extends GroupOptions, P extends readonly unknown[] = [lr: number]> = Cut<P, Partial<O>>;

/** What an optimizer keeps for a parameter: tensors and numbers under PyTorch's names. */
export type ParamState = object;

const zeroGradArguments = signature("zeroGrad(setToNull=true)");

const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.iterator in value;

const kindOf = (value: unknown): string =>
  isTensor(value)
    ? "Tensor"
    : typeof value === "object" && value !== null
      ? (value.constructor?.name ?? "object")
      : value === null
        ? "null"
        : typeof value;

function refuseSet(value: unknown): void {
  if (!(value instanceof Set)) return;
  throw new ArgumentError(
    "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets will change between runs. Please use a list instead.",
  );
}

/**
 * Base of all optimizers. A subclass gives defaults to the constructor and implements `update`, the step of one parameter;
 * `O` are its options, `S` is what it keeps per parameter.
 */
export class Optimizer<O extends GroupOptions = GroupOptions, S extends ParamState = ParamState> {
  /** Options of groups that do not set them. */
  readonly defaults: Readonly<O>;
  readonly paramGroups: ParamGroup<O>[] = [];
  /** What is kept per parameter, from its first step on. */
  readonly state = new Map<Tensor, S>();

  /**
   * @param params tensors, or groups `{ params, lr, … }`
   * @param defaults options by name; `null` where each group has to set its own
   * @throws ArgumentError for no or wrong parameters and for options out of range
   */
  constructor(params: Params<O>, defaults: O) {
    this.defaults = defaults;
    refuseSet(params);
    if (isTensor(params) || !isIterable(params)) {
      throw new ArgumentError(
        `params argument given to the optimizer should be an iterable of Tensors or dicts, but got ${kindOf(params)}`,
      );
    }
    const given: unknown[] = [...params];
    if (given.length === 0) throw new ArgumentError("optimizer got an empty parameter list");
    const groups = isOptions(given[0]) ? given : [{ params: given }];
    for (const group of groups) this.addParamGroup(group as ParamGroupInit<O>);
  }

  /**
   * Adds parameters with options of their own, say of a layer that was frozen until now.
   * @throws ArgumentError where a parameter is no leaf tensor or is optimized already, or an option is out of range
   */
  addParamGroup(group: ParamGroupInit<O>): void {
    if (!isOptions(group)) throw new ArgumentError(`param group must be a dict, but got ${kindOf(group)}`);
    for (const key of Object.keys(group)) {
      if (key === toCamel(key)) continue;
      throw new ArgumentError(`parameter group has an unknown option '${key}': it is spelled '${toCamel(key)}'`, {
        key,
      });
    }
    const params = listOf(group.params);
    for (const param of params) {
      if (!isTensor(param)) {
        throw new ArgumentError(`optimizer can only optimize Tensors, but one of the params is ${kindOf(param)}`);
      }
      if (!param.isLeaf && !param.retainsGrad()) throw new ArgumentError("can't optimize a non-leaf Tensor");
    }
    const options: Record<string, unknown> = { ...group };
    for (const [name, value] of Object.entries(this.defaults)) {
      if (options[name] !== undefined) continue;
      if (name === "lr" && value === null) {
        throw new ArgumentError(`parameter group didn't specify a value of required optimization parameter ${name}`, {
          option: name,
        });
      }
      options[name] = copyOf(value);
    }
    if (new Set(params).size < params.length) {
      throw new ArgumentError("optimizer contains a parameter group with duplicate parameters");
    }
    const known = new Set(this.paramGroups.flatMap((other) => other.params));
    if (params.some((param) => known.has(param as Tensor))) {
      throw new ArgumentError("some parameters appear in more than one parameter group");
    }
    const whole = { ...options, params } as ParamGroup<O>;
    this.check(whole);
    this.paramGroups.push(whole);
  }

  /** Forgets the gradients of all parameters; with `setToNull: false` they become zeros. */
  zeroGrad(...args: [setToNull?: boolean | { setToNull?: boolean }]): void {
    const [setToNull] = bind(zeroGradArguments, args);
    for (const { params } of this.paramGroups) {
      for (const param of params) {
        if (setToNull) param.grad = null;
        else if (param.grad !== null) param.grad = param.grad.detach().zero_();
      }
    }
  }

  /**
   * Changes every parameter that has a gradient; the others stay as they are.
   * @param closure computes the loss and its gradients first. Its result is returned, as a promise where it is one; then
   * the step is made when the promise has settled.
   */
  step(closure?: null): null;
  step<L>(closure: () => L): L;
  step(closure?: (() => unknown) | null): unknown {
    if (closure === undefined || closure === null) {
      this.#updateAll();
      return null;
    }
    const finish = (loss: unknown): unknown => {
      this.#updateAll();
      return loss;
    };
    const loss = callWithGrad(closure);
    return isPromise(loss) ? loss.then(finish) : finish(loss);
  }

  #updateAll(): void {
    noGrad(() => {
      for (const group of this.paramGroups) {
        for (const param of group.params) {
          if (param.gradient === null) continue;
          this.update(param, param.gradient, group);
          heldBy(param, this.state.get(param));
        }
      }
    });
  }

  /** Refuses options of a group that are out of range. */
  protected check(_group: ParamGroup<O>): void {}

  /** One step of one parameter, without recording. `grad` is over when it is forgotten (`zeroGrad`): keep a copy, or read `param.grad`. */
  protected update(_param: Tensor, _grad: Tensor, _group: ParamGroup<O>): void {
    throw new KindlingError(`${this.constructor.name} implements neither update() nor step()`);
  }

  /** What is kept for a parameter; empty at first. */
  protected stateOf(param: Tensor): Partial<S> {
    let state: Partial<S> | undefined = this.state.get(param);
    if (state === undefined) {
      state = {};
      this.state.set(param, state as S);
    }
    return state;
  }

  /**
   * The state in PyTorch's layout: `{ state, param_groups }`, where parameters are numbers in the order of the groups and
   * options have PyTorch's names. Its tensors are those of the optimizer, not copies.
   */
  stateDict(): OptimizerStateDict {
    const numbers = new Map<Tensor, number>();
    for (const { params } of this.paramGroups) for (const param of params) numbers.set(param, numbers.size);
    const state = new Map<number, SavedState>();
    for (const [param, kept] of this.state) {
      const number = numbers.get(param);
      if (number !== undefined) state.set(number, { ...(kept as SavedState) });
    }
    return { state, param_groups: this.paramGroups.map((group) => packGroup(group, numbers)) };
  }

  /**
   * Takes over a copy of a state from `stateDict`, or of a checkpoint of PyTorch's optimizer of the same name; `state` may
   * be a `Map` or an object. Tensors go to the dtype and device of their parameter. Parameters are matched by position.
   * @throws ArgumentError where groups differ in number or size; nothing is changed then
   */
  loadStateDict(dict: OptimizerStateDict | LooseStateDict): void {
    const saved = dict?.param_groups;
    if (!Array.isArray(saved)) throw new ArgumentError("a state dict of an optimizer has a list `param_groups`");
    if (saved.length !== this.paramGroups.length) {
      throw new ArgumentError("loaded state dict has a different number of parameter groups");
    }
    const byNumber = new Map<number, Tensor>();
    saved.forEach((group, i) => {
      const { params } = this.paramGroups[i];
      const numbers = group.params as readonly number[];
      if (numbers.length !== params.length) {
        throw new ArgumentError(
          "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
        );
      }
      numbers.forEach((number, k) => {
        byNumber.set(Number(number), params[k]);
      });
    });
    const entries = dict.state instanceof Map ? [...dict.state] : Object.entries(dict.state);
    const state = new Map<Tensor, S>();
    for (const [number, kept] of entries) {
      const param = byNumber.get(Number(number));
      if (param !== undefined) state.set(param, castState(kept as SavedState, param) as object as S);
    }
    this.state.clear();
    for (const [param, kept] of state) this.state.set(param, kept);
    saved.forEach((group, i) => {
      const { params } = this.paramGroups[i];
      this.paramGroups[i] = { ...this.defaults, ...unpackGroup(group), params } as ParamGroup<O>;
    });
  }

  /** The options of every group, as PyTorch prints them. */
  toString(): string {
    const groups = this.paramGroups.map((group, i) => {
      const lines = Object.entries(group).filter(([key]) => key !== "params");
      const text = lines.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `    ${key}: ${shown(value)}\n`);
      return `\nParameter Group ${i}\n${text.join("")}`;
    });
    return `${this.constructor.name} (${groups.join("")})`;
  }
}

/** An option as Python prints it: `(0.9, 0.999)`, `1e-08`. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `(${value.map(shown).join(", ")})`;
  return String(value).replace(/e([+-])(\d)$/, "e$10$2");
}

/** A state dict as files hold it: number keys may have become strings. */
export interface LooseStateDict {
  readonly state: ReadonlyMap<unknown, unknown> | Readonly<Record<string, unknown>>;
  readonly param_groups: readonly Readonly<Record<string, unknown>>[];
}

function listOf(params: unknown): unknown[] {
  refuseSet(params);
  if (isTensor(params)) return [params];
  if (isIterable(params)) return [...params];
  throw new ArgumentError(`optimizer can only optimize Tensors, but one of the params is ${kindOf(params)}`);
}

/**
 * Calls a closure with recording on. An asynchronous one is recorded up to its first `await`; beyond, the mode is what it is
 * when the event loop comes back, which is on.
 */
export function callWithGrad<L>(closure: () => L): L {
  let result: L | undefined;
  enableGrad(() => {
    result = closure();
  });
  return result as L;
}

export const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === "function";
