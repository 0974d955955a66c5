import { ArgumentError, isTensor, noGrad, ShapeError, type Tensor } from "@kindling/autograd";
import type { Cut } from "../args.js";
import { binder } from "../args.js";
import { ModuleDict, ModuleList } from "../containers.js";
import type { Module } from "../module.js";
import { Buffer, isBuffer, isParameter, Parameter } from "../parameter.js";

/*
 * Parameters that are computed: `module.weight` becomes the result of a function of parameters that are learned in its place.
 */

/**
 * A module whose `forward` makes a parameter's value of what is learned in its place, and whose `rightInverse`, where there is one,
 * makes the latter of a value.
 */
export interface Parametrization extends Module {
  rightInverse?(value: Tensor): Tensor | readonly Tensor[];
}

/** What is learned in the place of one tensor (`original`, or `original0`, `original1`, …) and what makes its value of it. */
export class ParametrizationList extends ModuleList {
  [original: `original${string}`]: Parameter | Buffer;

  constructor(steps: readonly Parametrization[], value: Tensor) {
    super(steps);
    this.assign(value, (name, t) => {
      const own = t.detach().clone();
      Object.assign(this, { [name]: isBuffer(value) ? new Buffer(own) : new Parameter(own, value.requiresGrad) });
    });
  }

  /** The value. */
  override forward(): Tensor {
    const originals = this.names().map((name) => this[name]);
    const [first, ...others] = [...this] as Parametrization[];
    return others.reduce<Tensor>((value, step) => step.forward(value), first.forward(...originals));
  }

  /** Sets what is learned so that the value becomes the one given. */
  set(value: Tensor): void {
    this.assign(value, (name, t) => this[name].data.copy_(t));
  }

  private assign(value: Tensor, put: (name: `original${string}`, t: Tensor) => void): void {
    noGrad(() => {
      let inverse: Tensor | readonly Tensor[] = value;
      for (const step of [...this].reverse() as Parametrization[]) {
        if (step.rightInverse !== undefined) inverse = step.rightInverse(inverse as Tensor);
      }
      if (isTensor(inverse)) put("original", inverse);
      else for (const [i, t] of inverse.entries()) put(`original${i}`, t);
    });
  }

  private names(): `original${string}`[] {
    return Object.keys(this).filter((key): key is `original${string}` => key.startsWith("original"));
  }
}

type Parametrized = Module & { parametrizations: ModuleDict };

/** Classes made here, each for one module. */
const made = new WeakSet<object>();

/** Gives the module a class of its own, below the one it has, in which computed parameters can be properties. */
function ownClass(module: Module): object {
  const prototype = Object.getPrototypeOf(module);
  if (made.has(prototype)) return prototype;
  const base = module.constructor as new (...args: unknown[]) => Module;
  const name = `Parametrized${base.name}`;
  const own = { [name]: class extends base {} }[name];
  Object.setPrototypeOf(module, own.prototype);
  made.add(own.prototype);
  (module as Parametrized).parametrizations = new ModuleDict();
  return own.prototype;
}

/** Whether a tensor of the module is computed: any, or the one of that name. */
export function isParametrized(module: Module, name?: string): boolean {
  if (!made.has(Object.getPrototypeOf(module))) return false;
  const { parametrizations } = module as Parametrized;
  return name === undefined ? parametrizations.size > 0 : parametrizations.has(name);
}

const bindRegister = binder<[unsafe: boolean]>("registerParametrization(*, unsafe=false)");

/**
 * Makes the parameter or buffer `name` of a module a function of others: from now on `module[name]` is what `parametrization`
 * makes of `module.parametrizations.get(name).original`. Several are applied one after the other. Setting `module[name]` goes through
 * their `rightInverse`. Optimizers made before do not know the new parameters.
 *
 * @param options `unsafe`: the value may differ from the old one in shape and dtype
 * @example
 * class Symmetric extends nn.Module {
 *   forward(x) { return x.triu().add(x.triu(1).T); }
 * }
 * const layer = nn.utils.parametrize.registerParametrization(new nn.Linear(3, 3), "weight", new Symmetric());
 */
export function registerParametrization<M extends Module>(
  module: M,
  name: string,
  parametrization: Parametrization,
  ...options: Cut<[], { unsafe?: boolean }>
): M {
  const [unsafe] = bindRegister(options);
  if (isParametrized(module, name)) {
    const list = (module as unknown as Parametrized).parametrizations.get(name) as ParametrizationList;
    if (!unsafe) {
      const value = list.forward();
      requireSame(value, parametrization.forward(value));
    }
    list.append(parametrization);
    return module;
  }
  const value = (module as unknown as Record<string, unknown>)[name];
  if (!isParameter(value) && !isBuffer(value)) {
    throw new ArgumentError(
      `Module '${module.constructor.name}' does not have a parameter, a buffer, or a parametrized element with name '${name}'`,
      { attribute: name },
    );
  }
  const list = new ParametrizationList([parametrization], value);
  if (!unsafe) requireSame(value, list.forward());
  delete (module as unknown as Record<string, unknown>)[name];
  const prototype = ownClass(module);
  (module as unknown as Parametrized).parametrizations.set(name, list);
  Object.defineProperty(prototype, name, {
    get(this: Parametrized) {
      return this.parametrizations.get(name).forward();
    },
    set(this: Parametrized, next: Tensor) {
      (this.parametrizations.get(name) as ParametrizationList).set(next);
    },
    configurable: true,
  });
  return module;
}

function requireSame(before: Tensor, after: unknown): void {
  if (!isTensor(after)) throw new ArgumentError("A parametrization must return a tensor.");
  if (after.dtype === before.dtype && after.shape.join() === before.shape.join()) return;
  throw new ShapeError(
    `Registering a parametrization may not change the shape or the dtype of the tensor, unless \`unsafe\` flag is enabled: from ${before.dtype} [${before.shape.join(", ")}] to ${after.dtype} [${after.shape.join(", ")}]`,
    { before: before.shape, after: after.shape },
  );
}

const bindRemove = binder<[leaveParametrized: boolean]>("removeParametrizations(leaveParametrized=true)");

/**
 * Makes `name` a parameter or buffer again: with the value it has now, or with `leaveParametrized: false` with what was learned in its
 * place.
 */
export function removeParametrizations<M extends Module>(
  module: M,
  name: string,
  ...options: Cut<[leaveParametrized: boolean], { leaveParametrized?: boolean }>
): M {
  const [leaveParametrized] = bindRemove(options);
  if (!isParametrized(module, name)) {
    throw new ArgumentError(`Module ${module.constructor.name} does not have a parametrization on ${name}`, {
      attribute: name,
    });
  }
  const { parametrizations } = module as unknown as Parametrized;
  const list = parametrizations.get(name) as ParametrizationList;
  const { original } = list as { original?: Parameter | Buffer };
  if (!leaveParametrized && original === undefined) {
    throw new ArgumentError(
      "Cannot leave unparametrized (`leaveParametrized: false`) a tensor that is parametrized in terms of a sequence of tensors.",
      { attribute: name },
    );
  }
  const like = original ?? (list as unknown as { original0: Parameter | Buffer }).original0;
  const value = leaveParametrized ? noGrad(() => list.forward()).detach() : (original as Tensor).detach();
  parametrizations.delete(name);
  const own = Object.getPrototypeOf(module);
  delete own[name];
  if (parametrizations.size === 0) {
    Object.setPrototypeOf(module, Object.getPrototypeOf(own));
    delete (module as unknown as Partial<Parametrized>).parametrizations;
  }
  const kept = isBuffer(like) ? new Buffer(value) : new Parameter(value, like.requiresGrad);
  Object.assign(module, { [name]: kept });
  return module;
}
