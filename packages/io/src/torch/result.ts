import type { Tensor } from "@kindling/autograd";
import { FormatError, shown } from "../errors.js";
import type { Unpickled } from "../pickle/context.js";
import { Dict, Foreign, Instance, Known, Members, Tuple, Unfit } from "../pickle/values.js";
import { NumpyArray } from "./numpy-values.js";
import { StorageRef, StorageType, TensorRef } from "./values.js";

/** Deeper structures are none that somebody saved. */
const DEEPEST = 1000;
/** Names of one module's state. Modules may be shared: a few lines of a file can name each of them in many ways. */
const MOST_NAMES = 1_000_000;
/** And their letters, for the same reason. */
const MOST_LETTERS = 1 << 28;

/** Letters of a path in an error. Nobody reads more, and a thousand levels of long keys make no string any more. */
const LONGEST_PATH = 200;
const within = (path: string, part: string): string => (path.length < LONGEST_PATH ? path + part : path);

/** Where tensors come from. */
export interface Tensors {
  tensor(ref: TensorRef): Tensor | null;
  storage(ref: StorageRef): Tensor | null;
}

/**
 * What a file holds as JavaScript has it: dictionaries with string keys as objects without a prototype, others as Maps, lists and tuples as
 * arrays, a module as its state dict. What was shared stays shared.
 * @throws FormatError for an object that is neither of these; the text names its class
 */
export function converted({ value, foreign }: Unpickled, tensors: Tensors, file: string): unknown {
  const conversion = new Conversion(tensors, file);
  const result = conversion.of(value, "", 0);
  const stray = foreign.find((name) => !conversion.excused.has(name));
  if (stray === undefined) return result;
  throw new FormatError(file, "its pickle", `names ${stray.name}, which is not on the short list of what is read here`);
}

class Conversion {
  /** Names that stand in a module: its class, and whatever its other attributes are. */
  readonly excused = new Set<Foreign>();
  readonly #done = new Map<object, unknown>();
  readonly #seen = new Set<object>();
  readonly #tensors: Tensors;
  readonly #file: string;

  constructor(tensors: Tensors, file: string) {
    this.#tensors = tensors;
    this.#file = file;
  }

  #refuse(path: string, problem: string): never {
    throw new FormatError(this.#file, path === "" ? "its value" : path.slice(0, LONGEST_PATH), problem);
  }

  of(value: unknown, path: string, depth: number): unknown {
    if (typeof value !== "object" || value === null) return value;
    if (depth > DEEPEST) this.#refuse(path, `nested more than ${DEEPEST} deep`);
    if (this.#done.has(value)) return this.#done.get(value);
    const keep = <T>(result: T): T => {
      this.#done.set(value, result);
      return result;
    };
    if (Array.isArray(value)) return this.#list(value, keep([]), path, depth);
    if (value instanceof Tuple) return this.#list(value.items, keep([]), path, depth);
    if (value instanceof Dict) return this.#dict(value, keep, path, depth);
    if (value instanceof TensorRef) return keep(this.#tensors.tensor(value));
    if (value instanceof StorageRef) return keep(this.#tensors.storage(value));
    if (value instanceof NumpyArray) return keep(this.#array(value, path));
    if (value instanceof Uint8Array) return value;
    if (value instanceof Members) {
      const set = keep(new Set());
      for (const item of value.items) set.add(this.of(item, within(path, "{}"), depth + 1));
      return set;
    }
    if (value instanceof Instance) {
      const parts = partsOf(value);
      if (parts === null)
        this.#refuse(path, `an object of ${value.type.name}, which is not on the short list of what is read here`);
      this.#excuse(value);
      return this.#state(value, keep(Object.create(null)), path);
    }
    const name =
      value instanceof Foreign || value instanceof Known
        ? value.name
        : value instanceof StorageType
          ? `a type of storages`
          : "something of Python's";
    return this.#refuse(path, `${name}, which is not on the short list of what is read here`);
  }

  #array(array: NumpyArray, path: string): unknown {
    try {
      return array.value();
    } catch (error) {
      if (error instanceof Unfit) this.#refuse(path, error.message);
      throw error;
    }
  }

  #list(items: readonly unknown[], out: unknown[], path: string, depth: number): unknown[] {
    for (let i = 0; i < items.length; i++) {
      const item = items[i];
      out.push(typeof item === "object" && item !== null ? this.of(item, within(path, `[${i}]`), depth + 1) : item);
    }
    return out;
  }

  #dict(dict: Dict, keep: <T>(result: T) => T, path: string, depth: number): unknown {
    const entries = [...dict.entries];
    if (entries.every(([key]) => typeof key === "string")) {
      const object = keep(Object.create(null) as Record<string, unknown>);
      for (const [key, item] of entries)
        object[key as string] = this.of(item, within(path, `["${(key as string).slice(0, 100)}"]`), depth + 1);
      return object;
    }
    const map = keep(new Map<unknown, unknown>());
    for (const [key, item] of entries)
      map.set(
        this.of(key, within(path, ", a key"), depth + 1),
        this.of(item, within(path, `[${shown(key)}]`), depth + 1),
      );
    return map;
  }

  /** A module's parameters and persistent buffers, and those of all below it, by dotted names. */
  #state(module: Instance, out: Record<string, unknown>, path: string): Record<string, unknown> {
    let names = 0;
    let letters = 0;
    const nameIn = (prefix: string, key: unknown): string => {
      if (typeof key !== "string") return this.#refuse(path + prefix, "a name that is no text");
      if ((letters += prefix.length + key.length) > MOST_LETTERS || ++names > MOST_NAMES)
        return this.#refuse(path, `a module with more than ${MOST_NAMES} names, or ${MOST_LETTERS} letters in them`);
      return prefix + key;
    };
    const collect = (of: Instance, prefix: string, depth: number): void => {
      const parts = partsOf(of);
      if (parts === null || depth > DEEPEST / 10) this.#refuse(path + prefix, "no module, where one should be");
      const { parameters, buffers, modules, passing } = parts;
      for (const [name, value] of [...parameters.entries, ...buffers.entries]) {
        const full = nameIn(prefix, name);
        if (value === null || passing.includes(name)) continue;
        if (!(value instanceof TensorRef)) this.#refuse(path + full, "no tensor, where one should be");
        out[full] = this.of(value.again(false), prefix, depth); // outside of the graph, as in a state dict
      }
      for (const [name, child] of modules.entries) {
        const full = nameIn(prefix, name);
        if (child === null) continue;
        if (!(child instanceof Instance)) this.#refuse(path + full, "no module, where one should be");
        collect(child, `${full}.`, depth + 1);
      }
    };
    collect(module, "", 0);
    return out;
  }

  /** Marks all names inside of a module: its attributes are not read, so nothing in them matters. */
  #excuse(value: unknown): void {
    const open = [value];
    while (open.length > 0) {
      const next = open.pop();
      if (typeof next !== "object" || next === null || this.#seen.has(next)) continue;
      this.#seen.add(next);
      if (next instanceof Foreign) this.excused.add(next);
      else if (Array.isArray(next)) for (const item of next) open.push(item);
      else if (next instanceof Tuple || next instanceof Members) for (const item of next.items) open.push(item);
      else if (next instanceof Dict) for (const [key, item] of next.entries) open.push(key, item);
      else if (next instanceof Instance) open.push(next.type, next.state, next.content);
    }
  }
}

interface Parts {
  readonly parameters: Dict;
  readonly buffers: Dict;
  readonly modules: Dict;
  /** Names of buffers that no state dict has. */
  readonly passing: readonly unknown[];
}

/** The state of an object of which PyTorch made a module; `null` for other objects. */
function partsOf({ state }: Instance): Parts | null {
  if (!(state instanceof Dict)) return null;
  const [parameters, buffers, modules] = ["_parameters", "_buffers", "_modules"].map((name) => state.get(name));
  if (!(parameters instanceof Dict) || !(buffers instanceof Dict) || !(modules instanceof Dict)) return null;
  const passing = state.get("_non_persistent_buffers_set");
  return { parameters, buffers, modules, passing: passing instanceof Members ? passing.items : [] };
}
