import { AutogradError, isTensor, noGrad, type Tensor } from "@kindling/autograd";
import { isModule, type Module } from "./module.js";
import { copyHooks } from "./module-hooks.js";
import { Buffer, isBuffer, isParameter, Parameter } from "./parameter.js";

/** Key of a module's method that copies it. */
export const DEEPCOPY: unique symbol = Symbol.for("kindling.nn.deepcopy") as never;

/**
 * A copy of a module with parameters, buffers and modules of its own: PyTorch's `copy.deepcopy(module)`. What is held twice
 * is held twice in the copy, and hooks are set on it too; parameters start without gradients. Arrays, maps, sets and plain
 * objects in fields are copied, functions and other objects are shared. `#private` fields cannot be copied from outside: a
 * class that has them brings a method of its own.
 * @throws AutogradError for a field that holds a computed tensor
 *
 * @example
 * const average = nn.deepcopy(net);
 */
export function deepcopy<T extends Module>(module: T): T {
  const copies = new Map<object, unknown>();
  return noGrad(() => copyOf(module, copies) as T);
}

function copyOf(value: unknown, copies: Map<object, unknown>): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (copies.has(value)) return copies.get(value);
  const remember = <C>(copy: C): C => {
    copies.set(value, copy);
    return copy;
  };
  if (isTensor(value)) return remember(copyTensor(value));
  if (Array.isArray(value)) {
    const copy = remember([] as unknown[]);
    for (const item of value) copy.push(copyOf(item, copies));
    return copy;
  }
  if (value instanceof Map) {
    const copy = remember(new Map());
    for (const [key, item] of value) copy.set(key, copyOf(item, copies));
    return copy;
  }
  if (value instanceof Set) {
    const copy = remember(new Set());
    for (const item of value) copy.add(copyOf(item, copies));
    return copy;
  }
  const prototype = Object.getPrototypeOf(value);
  if (!isModule(value) && prototype !== Object.prototype && prototype !== null) return value;
  const copy = remember(Object.create(prototype) as Record<string, unknown>);
  for (const [key, item] of Object.entries(value)) copy[key] = copyOf(item, copies);
  if (isModule(value)) copyHooks(value, copy as unknown as Module);
  return copy;
}

function copyTensor(t: Tensor): Tensor {
  if (!t.isLeaf) {
    throw new AutogradError(
      "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment",
    );
  }
  const data = t.detach().clone();
  if (isParameter(t)) return new Parameter(data, t.requiresGrad);
  if (isBuffer(t)) return new Buffer(data, { persistent: t.persistent });
  const copy = data.requiresGrad_(t.requiresGrad);
  if (t.grad !== null) copy.grad = t.grad.detach().clone();
  return copy;
}
