import { ArgumentError, IndexError, isOptions, type Tensor } from "@kindling/autograd";
import { isModule, Module, REGISTERED, type Registered } from "./module.js";
import { kindOf } from "./module-names.js";

/** Modules by name: a plain object or a map. */
export type NamedModules = Readonly<Record<string, Module>> | ReadonlyMap<string, Module>;

export const entriesOf = <T>(
  named: Readonly<Record<string, T>> | Iterable<readonly [string, T]>,
): (readonly [string, T])[] =>
  Symbol.iterator in named ? [...(named as Iterable<readonly [string, T]>)] : Object.entries(named);

/** `index` counted from the front. */
export function wrapIndex(index: number, length: number): number {
  if (!Number.isInteger(index) || index < -length || index >= length) {
    throw new IndexError(`index ${index} is out of range`, { index, length });
  }
  return index < 0 ? index + length : index;
}

/** Modules in a row, held in the fields "0", "1", … (or named ones). */
abstract class ModuleRow extends Module {
  [index: number]: Module;

  get length(): number {
    return itemsOf(this).length;
  }

  [Symbol.iterator](): Iterator<Module> {
    return itemsOf(this)[Symbol.iterator]();
  }

  /** The module at `index`; negative ones count from the end. */
  at(index: number): Module {
    return itemsOf(this)[wrapIndex(index, this.length)];
  }

  /** Adds a module at the end. */
  append(module: Module): this {
    this.registerModule(String(this.length), module);
    return this;
  }

  /** Adds modules at the end. */
  extend(modules: Iterable<Module>): this {
    if (typeof (modules as Iterable<Module> | null)?.[Symbol.iterator] !== "function") {
      throw new ArgumentError(
        `${this.constructor.name}.extend should be called with an iterable, but got ${kindOf(modules)}`,
      );
    }
    for (const module of [...modules]) this.append(module);
    return this;
  }

  /** Puts a module before the one at `index`. */
  insert(index: number, module: Module): this {
    const items = itemsOf(this);
    if (!Number.isInteger(index) || Math.abs(index) > items.length) {
      throw new IndexError(`Index out of range: ${index}`, { index });
    }
    items.splice(index, 0, module);
    return renumber(this, items);
  }

  /** Takes the module at `index` out and returns it. */
  pop(index = -1): Module {
    const items = itemsOf(this);
    const [module] = items.splice(wrapIndex(index, items.length), 1);
    renumber(this, items);
    return module;
  }
}

const itemsOf = (row: Module): Module[] => row[REGISTERED]().flatMap(([, value]) => (isModule(value) ? [value] : []));

/** Holds `items` in the fields "0", "1", … and nothing else. */
function renumber<R extends Module>(row: R, items: readonly Module[]): R {
  for (const [name] of row[REGISTERED]()) delete (row as Record<string, unknown>)[name];
  items.forEach((module, i) => {
    row.registerModule(String(i), module);
  });
  return row;
}

/**
 * Modules one after the other: each gets the result of the one before. They are given one by one, or named in a plain object
 * or a map.
 *
 * @example
 * const net = new nn.Sequential(new nn.Linear(10, 32), new nn.Tanh(), new nn.Linear(32, 2));
 * net.forward(rand(5, 10)).shape; // [5, 2]
 * net[0]; // Linear(inFeatures=10, outFeatures=32, bias=true)
 * const named = new nn.Sequential({ hidden: new nn.Linear(10, 32), out: new nn.Linear(32, 2) });
 */
export class Sequential extends ModuleRow {
  constructor(...modules: readonly Module[] | [NamedModules]) {
    super();
    const first = modules[0];
    if (modules.length !== 1 || isModule(first)) {
      this.extend(modules as readonly Module[]);
      return;
    }
    if (!isOptions(first) && !(first instanceof Map))
      throw new ArgumentError("Sequential takes modules, or named ones");
    const named = entriesOf<Module>(first as NamedModules);
    for (const [name, module] of named) this.registerModule(name, module);
    if (this[REGISTERED]().some(([name], i) => name !== named[i][0])) {
      throw new ArgumentError("names that are whole numbers must come first and in ascending order");
    }
  }

  override forward(input: Tensor): Tensor {
    let x = input;
    for (const module of this) x = module.forward(x);
    return x;
  }

  /** The modules from `start` up to but without `end`, the same objects in a `Sequential` of their own. */
  slice(start?: number, end?: number): Sequential {
    const Row = this.constructor as typeof Sequential;
    return new Row(new Map((this[REGISTERED]() as [string, Module][]).slice(start, end)));
  }
}

/**
 * An array of modules whose parameters are found, as those in a plain array are not.
 *
 * @example
 * class Net extends nn.Module {
 *   layers = new nn.ModuleList(Array.from({ length: 3 }, () => new nn.Linear(10, 10)));
 *   forward(x) {
 *     for (const layer of this.layers) x = layer.forward(x).tanh();
 *     return x;
 *   }
 * }
 */
export class ModuleList extends ModuleRow {
  constructor(modules: Iterable<Module> = []) {
    super();
    this.extend(modules);
  }

  /** The modules from `start` up to but without `end`, the same objects in a list of their own. */
  slice(start?: number, end?: number): ModuleList {
    const Row = this.constructor as typeof ModuleList;
    return new Row([...this].slice(start, end));
  }
}

/** What `ModuleDict` and `ParameterDict` share: registered values behind names that cannot clash with methods. */
export abstract class NamedValues<V extends Registered, Given = V> extends Module {
  private readonly _values = new Map<string, V>();

  /** Checks a value, and converts it where that is allowed. */
  protected abstract accept(value: Given): V;

  override [REGISTERED](): [name: string, value: Registered][] {
    return [...this._values, ...super[REGISTERED]()];
  }

  get size(): number {
    return this._values.size;
  }

  has(key: string): boolean {
    return this._values.has(key);
  }

  /** The value of a name. @throws IndexError where there is none */
  get(key: string): V {
    const value = this._values.get(key);
    if (value === undefined) throw new IndexError(`${this.constructor.name} has no '${key}'`, { key });
    return value;
  }

  set(key: string, value: Given): this {
    if (typeof key !== "string") throw new ArgumentError(`names are strings, but got ${typeof key}`, { key });
    if (key.includes(".")) throw new ArgumentError(`name can't contain ".", got: ${key}`, { key });
    if (key === "") throw new ArgumentError('name can\'t be empty string ""');
    this._values.set(key, this.accept(value));
    return this;
  }

  delete(key: string): boolean {
    return this._values.delete(key);
  }

  clear(): void {
    this._values.clear();
  }

  /** Takes the value of a name out and returns it. */
  pop(key: string): V {
    const value = this.get(key);
    this._values.delete(key);
    return value;
  }

  /** Sets several values, from a plain object, a map or pairs. */
  update(values: Readonly<Record<string, Given>> | Iterable<readonly [string, Given]>): this {
    for (const [key, value] of entriesOf<Given>(values)) this.set(key, value);
    return this;
  }

  keys(): IterableIterator<string> {
    return this._values.keys();
  }

  values(): IterableIterator<V> {
    return this._values.values();
  }

  entries(): IterableIterator<[string, V]> {
    return this._values.entries();
  }

  [Symbol.iterator](): IterableIterator<[string, V]> {
    return this._values.entries();
  }
}

/**
 * Modules by name, used like a `Map`; their parameters are found, as those in a plain map are not. Iterates in the order of
 * insertion.
 *
 * @example
 * class Net extends nn.Module {
 *   choices = new nn.ModuleDict({ conv: new nn.Linear(3, 3), pool: new nn.Identity() });
 *   forward(x, choice) { return this.choices.get(choice).forward(x); }
 * }
 */
export class ModuleDict extends NamedValues<Module> {
  constructor(modules: NamedModules | Iterable<readonly [string, Module]> = {}) {
    super();
    this.update(modules);
  }

  protected override accept(value: unknown): Module {
    if (isModule(value)) return value;
    throw new ArgumentError(`${kindOf(value)} is not a Module subclass`);
  }

  override registerModule(name: string, module: Module | null): void {
    if (module === null) this.delete(name);
    else this.set(name, module);
  }
}

/** Lines that show tensors in a list or dict. */
export const tensorLines = (entries: readonly (readonly [string | number, Tensor])[]): string =>
  entries.map(([key, t]) => `  (${key}): Parameter containing: [${t.dtype} of size ${t.shape.join("x")}]`).join("\n");
