import { ArgumentError, isOptions, isTensor, KindlingError, noGrad, type Tensor } from "@kindling/autograd";
import { isModule, type Module, REGISTERED } from "./module.js";
import { kindOf } from "./module-names.js";
import { isBuffer, isParameter } from "./parameter.js";

/** Tensors by dotted name: an object without a prototype. */
export type StateDict = Record<string, Tensor>;

/** Names that a state dict lacks, and names that the module does not know. */
export interface IncompatibleKeys {
  readonly missingKeys: string[];
  readonly unexpectedKeys: string[];
}

/** Parameters, then persistent buffers, of one module. */
function stateOf(module: Module): [name: string, value: Tensor][] {
  const entries = module[REGISTERED]();
  return [
    ...entries.filter(([, value]) => isParameter(value)),
    ...entries.filter(([, value]) => isBuffer(value) && value.persistent),
  ] as [string, Tensor][];
}

const childrenOf = (module: Module): [name: string, child: Module][] =>
  module[REGISTERED]().filter((entry): entry is [string, Module] => isModule(entry[1]));

/** The state of a module and all below it. A module or tensor that is held twice is listed twice. */
export function collectState(module: Module, prefix: string, keepVars: boolean): StateDict {
  const out: StateDict = Object.create(null);
  const collect = (from: Module, path: string): void => {
    for (const [name, value] of stateOf(from)) out[path + name] = keepVars ? value : value.detach();
    for (const [name, child] of childrenOf(from)) collect(child, `${path}${name}.`);
  };
  collect(module, prefix);
  return out;
}

/** Copies a state dict into a module, and reports everything that did not fit in one error. */
export function loadState(
  module: Module,
  given: StateDict | ReadonlyMap<string, Tensor>,
  strict: boolean,
): IncompatibleKeys {
  if (!isOptions(given) && !(given instanceof Map)) {
    throw new ArgumentError(`Expected stateDict to be dict-like, got ${kindOf(given)}.`);
  }
  const dict = new Map<string, unknown>(given instanceof Map ? given : Object.entries(given));
  const missingKeys: string[] = [];
  const unexpectedKeys: string[] = [];
  const messages: string[] = [];
  const load = (into: Module, path: string, keys: readonly string[]): void => {
    const state = stateOf(into);
    const children = childrenOf(into);
    for (const [name, value] of state) {
      const key = path + name;
      if (dict.has(key)) copyInto(key, value, dict.get(key), messages);
      // normalizations did not count before PyTorch 0.4.1; a dict without versions may be that old
      else if (name === "num_batches_tracked") noGrad(() => value.zero_());
      else missingKeys.push(key);
    }
    const tensors = new Set(state.map(([name]) => name));
    const modules = new Set(children.map(([name]) => name));
    for (const key of keys) {
      const [name, ...rest] = key.slice(path.length).split(".");
      if (!(rest.length > 0 ? modules : tensors).has(name)) unexpectedKeys.push(key);
    }
    for (const [name, child] of children) {
      const below = `${path}${name}.`;
      load(
        child,
        below,
        keys.filter((key) => key.startsWith(below)),
      );
    }
  };
  load(module, "", [...dict.keys()]);
  if (strict) {
    const quoted = (keys: readonly string[]): string => keys.map((key) => `"${key}"`).join(", ");
    if (unexpectedKeys.length > 0) messages.unshift(`Unexpected key(s) in stateDict: ${quoted(unexpectedKeys)}. `);
    if (missingKeys.length > 0) messages.unshift(`Missing key(s) in stateDict: ${quoted(missingKeys)}. `);
  }
  if (messages.length > 0) {
    throw new KindlingError(
      `Error(s) in loading stateDict for ${module.constructor.name}:\n\t${messages.join("\n\t")}`,
      {
        missingKeys,
        unexpectedKeys,
      },
    );
  }
  return { missingKeys, unexpectedKeys };
}

const sizes = (t: Tensor): string => `[${t.shape.join(", ")}]`;

function copyInto(key: string, target: Tensor, given: unknown, messages: string[]): void {
  if (!isTensor(given)) {
    messages.push(
      `While copying the parameter named "${key}", expected Tensor or Tensor-like object from checkpoint but received ${kindOf(given)}`,
    );
    return;
  }
  // older checkpoints keep 0-dimensional tensors in one dimension
  const source = target.ndim === 0 && given.ndim === 1 && given.shape[0] === 1 ? given.reshape([]) : given;
  if (sizes(source) !== sizes(target)) {
    messages.push(
      `size mismatch for ${key}: copying a param with shape ${sizes(source)} from checkpoint, the shape in current model is ${sizes(target)}.`,
    );
    return;
  }
  try {
    noGrad(() => target.copy_(source));
  } catch (error) {
    messages.push(
      `While copying the parameter named "${key}", whose dimensions in the model are ${sizes(target)} and whose dimensions in the checkpoint are ${sizes(source)}, an exception occurred : ${(error as Error).message}.`,
    );
  }
}
