import {
  AutogradError,
  autograd,
  isGradEnabled,
  isTensor,
  type RemovableHandle,
  type Tensor,
} from "@kindling/autograd";
import type { Module } from "./module.js";

/** Called before `forward` with its arguments. An array that it returns takes their place, any other value becomes the only one. */
export type ForwardPreHook = (module: Module, args: readonly unknown[]) => unknown;
/** Called after `forward`; what it returns, unless `undefined`, takes the result's place. */
export type ForwardHook = (module: Module, args: readonly unknown[], output: unknown) => unknown;
/**
 * Called when the gradients of a module's inputs are known (`null` for arguments that are no tensors). An array that it
 * returns takes the place of `gradInput`.
 */
export type FullBackwardHook = (
  module: Module,
  gradInput: readonly (Tensor | null)[],
  gradOutput: readonly (Tensor | null)[],
) => readonly (Tensor | null)[] | undefined | void;

/** The hooks of one module. */
export class ModuleHooks {
  readonly forwardPre: ForwardPreHook[] = [];
  readonly forward: ForwardHook[] = [];
  readonly fullBackward: FullBackwardHook[] = [];

  /** `forward` with the hooks around it. */
  call(module: Module, forward: (...args: unknown[]) => unknown, given: unknown[]): unknown {
    let args = given;
    for (const hook of [...this.forwardPre]) {
      const replaced = hook(module, args);
      if (replaced !== undefined && replaced !== null) args = Array.isArray(replaced) ? replaced : [replaced];
    }
    const backward = this.fullBackward.length > 0 ? new BackwardHook(module, [...this.fullBackward]) : null;
    if (backward !== null) args = backward.wrapInputs(args);
    let output = forward.apply(module, args);
    for (const hook of [...this.forward]) {
      const replaced = hook(module, args, output);
      if (replaced !== undefined && replaced !== null) output = replaced;
    }
    return backward === null ? output : backward.wrapOutput(output);
  }
}

/** The hooks of each module that has any. */
const hooked = new WeakMap<Module, ModuleHooks>();

/** The hooks of a module; the first one to ask puts them around this instance's `forward`. */
export function hooksOf(module: Module): ModuleHooks {
  const present = hooked.get(module);
  if (present !== undefined) return present;
  const hooks = new ModuleHooks();
  hooked.set(module, hooks);
  const forward = module.forward as (...args: unknown[]) => unknown;
  Object.defineProperty(module, "forward", {
    value: (...args: unknown[]) => hooks.call(module, forward, args),
    writable: true,
    configurable: true,
  });
  return hooks;
}

/** Sets the hooks of one module on another. */
export function copyHooks(from: Module, to: Module): void {
  const hooks = hooked.get(from);
  if (hooks === undefined) return;
  const own = hooksOf(to);
  own.forwardPre.push(...hooks.forwardPre);
  own.forward.push(...hooks.forward);
  own.fullBackward.push(...hooks.fullBackward);
}

/** Adds a hook to a list; the handle takes it away again. */
export function removable<T>(list: T[], item: T): RemovableHandle {
  list.push(item);
  let registered = true;
  return {
    remove() {
      if (registered) list.splice(list.indexOf(item), 1);
      registered = false;
    },
  };
}

/** The identity, as a node that hooks can be set on. */
class BackwardHookFunction extends autograd.Function {
  static override forward(ctx: autograd.FunctionContext, ...tensors: Tensor[]): Tensor[] {
    ctx.markNonDifferentiable(...tensors.filter((t) => !t.requiresGrad));
    return tensors;
  }

  static override backward(_ctx: autograd.FunctionContext, ...grads: Tensor[]): Tensor[] {
    return grads;
  }
}

/** Tensors among the arguments sent through one identity node, or `null` where none requires grad. */
function throughNode(
  values: readonly unknown[],
): { values: unknown[]; positions: number[]; node: autograd.Node } | null {
  const positions = values.flatMap((value, i) => (isTensor(value) ? [i] : []));
  const tensors = positions.map((i) => values[i] as Tensor);
  if (!isGradEnabled() || !tensors.some((t) => t.requiresGrad)) return null;
  const wrapped = BackwardHookFunction.apply(...tensors) as Tensor[];
  const node = (wrapped.find((t) => t.requiresGrad) as Tensor).gradFn as autograd.Node;
  const out = [...values];
  positions.forEach((i, k) => {
    out[i] = wrapped[k];
  });
  return { values: out, positions, node };
}

/** One call of a module whose backward hooks listen: identity nodes stand around its inputs and its outputs. */
class BackwardHook {
  readonly #module: Module;
  readonly #hooks: readonly FullBackwardHook[];
  #inputCount = 0;
  /** Which arguments are tensors; `null` where no argument requires grad. */
  #inputPositions: readonly number[] | null = null;
  #gradOutput: readonly (Tensor | null)[] | null = null;

  constructor(module: Module, hooks: readonly FullBackwardHook[]) {
    this.#module = module;
    this.#hooks = hooks;
  }

  wrapInputs(args: unknown[]): unknown[] {
    this.#inputCount = args.length;
    const wrapped = throughNode(args);
    if (wrapped === null) return args;
    const { positions } = wrapped;
    this.#inputPositions = positions;
    wrapped.node.registerHook((grads) => this.#atInputs(grads, positions));
    return wrapped.values;
  }

  wrapOutput(output: unknown): unknown {
    const several = Array.isArray(output);
    const outputs: readonly unknown[] = several ? output : [output];
    const wrapped = throughNode(outputs);
    if (wrapped === null) return output;
    wrapped.node.registerHook((_, grads) => this.#atOutputs(spread(wrapped.positions, grads, outputs.length)));
    return several ? wrapped.values : wrapped.values[0];
  }

  #atOutputs(gradOutput: readonly (Tensor | null)[]): void {
    this.#gradOutput = gradOutput;
    if (this.#inputPositions !== null) return;
    const gradInput = new Array<null>(this.#inputCount).fill(null);
    for (const hook of this.#hooks) {
      if (hook(this.#module, gradInput, gradOutput)?.some((g) => g !== null)) {
        throw new AutogradError(
          "Backward hook for Modules where no input requires gradient should always return null or null for all gradients.",
        );
      }
    }
  }

  #atInputs(grads: readonly (Tensor | null)[], positions: readonly number[]): readonly (Tensor | null)[] {
    if (this.#gradOutput === null) {
      throw new AutogradError(
        "Module backward hook for gradInput is called before the gradOutput one. This happens because the gradient in your nn.Module flows to the Module's input without passing through the Module's output. Make sure that the output depends on the input and that the loss is computed based on the output.",
      );
    }
    let gradInput = spread(positions, grads, this.#inputCount);
    for (const hook of this.#hooks) {
      const replaced = hook(this.#module, gradInput, this.#gradOutput);
      if (replaced === undefined || replaced === null) continue;
      if (replaced.length !== gradInput.length) {
        throw new AutogradError(
          `Backward hook returned an invalid number of gradInput, got ${replaced.length}, but expected ${gradInput.length}`,
          { got: replaced.length, expected: gradInput.length },
        );
      }
      gradInput = [...replaced];
    }
    return positions.map((i) => gradInput[i]);
  }
}

/** Gradients at the positions of their tensors, `null` elsewhere. */
function spread(positions: readonly number[], grads: readonly (Tensor | null)[], size: number): (Tensor | null)[] {
  const out = new Array<Tensor | null>(size).fill(null);
  positions.forEach((i, k) => {
    out[i] = grads[k] ?? null;
  });
  return out;
}
