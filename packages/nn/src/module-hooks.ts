import {
  AutogradError,
  autograd,
  isGradEnabled,
  isTensor,
  type RemovableHandle,
  type Tensor,
} from "@kindling/autograd";
import { binder } from "./args.js";
import type { Module } from "./module.js";

/** Called before `forward` with its arguments. An array that it returns takes their place, any other value becomes the only one. */
export type ForwardPreHook = (module: Module, args: readonly unknown[]) => unknown;
/** Called after `forward`; what it returns, unless `undefined`, takes the result's place. */
export type ForwardHook = (module: Module, args: readonly unknown[], output: unknown) => unknown;
/**
 * Called when the gradients of a module's inputs are known (`null` for arguments that are no tensors). An array that it
 * returns takes the place of `gradInput`; of a single one the bare tensor will do.
 */
export type FullBackwardHook = (
  module: Module,
  gradInput: readonly (Tensor | null)[],
  gradOutput: readonly (Tensor | null)[],
) => readonly (Tensor | null)[] | Tensor | undefined | void;

/** Called before the gradients of a module's inputs are computed. An array that it returns takes the place of `gradOutput`. */
export type FullBackwardPreHook = (
  module: Module,
  gradOutput: readonly (Tensor | null)[],
) => readonly (Tensor | null)[] | Tensor | undefined | void;

/** How a hook is added. */
export interface HookOptions {
  /** Whether the hook goes before those that are there. */
  prepend?: boolean;
}

type Call = (...args: unknown[]) => unknown;

/** The hooks of one module, around its `forward`. */
class ModuleHooks {
  forwardPre: ForwardPreHook[] = [];
  forward: ForwardHook[] = [];
  fullBackwardPre: FullBackwardPreHook[] = [];
  fullBackward: FullBackwardHook[] = [];

  constructor(readonly inner: Call) {}

  call(module: Module, given: unknown[]): unknown {
    let args = given;
    for (const hook of [...this.forwardPre]) {
      const replaced = hook(module, args);
      if (replaced !== undefined && replaced !== null) args = Array.isArray(replaced) ? replaced : [replaced];
    }
    const listens = this.fullBackward.length + this.fullBackwardPre.length > 0;
    const backward = listens ? new BackwardHook(module, [...this.fullBackwardPre], [...this.fullBackward]) : null;
    if (backward !== null) args = backward.wrapInputs(args);
    let output = this.inner.apply(module, args);
    for (const hook of [...this.forward]) {
      const replaced = hook(module, args, output);
      if (replaced !== undefined && replaced !== null) output = replaced;
    }
    return backward === null ? output : backward.wrapOutput(output);
  }
}

type HookLists = Omit<ModuleHooks, "inner" | "call">;

/** Modules with hooks. Beside the modules and not in them, so that a copy of one can be made without its constructor. */
const hooksOf = new WeakMap<Module, ModuleHooks>();

/** Puts hooks around this instance's `forward`. */
function install(module: Module, hooks: ModuleHooks): ModuleHooks {
  hooksOf.set(module, hooks);
  Object.defineProperty(module, "forward", {
    value: (...args: unknown[]) => hooks.call(module, args),
    writable: true,
    configurable: true,
  });
  return hooks;
}

const bindOptions = binder<[prepend: boolean]>("registerHook(*, prepend=false)");

/** Adds a hook; the first one installs a wrapping `forward`. The handle takes the hook away again. */
export function addHook<K extends keyof HookLists>(
  module: Module,
  kind: K,
  hook: HookLists[K][number],
  options?: HookOptions,
): RemovableHandle {
  const [prepend] = bindOptions([options]);
  const hooks = hooksOf.get(module) ?? install(module, new ModuleHooks(module.forward as Call));
  const list = hooks[kind] as unknown[];
  if (prepend) list.unshift(hook);
  else list.push(hook);
  let registered = true;
  return {
    remove() {
      if (registered) list.splice(list.indexOf(hook), 1);
      registered = false;
    },
  };
}

/** Gives a copy of a module, whose fields are copied, hooks of its own: the same ones. */
export function copyHooks(from: Module, to: Module): void {
  const hooks = hooksOf.get(from);
  if (hooks === undefined) return;
  const { forwardPre, forward, fullBackwardPre, fullBackward } = hooks;
  const own = Object.assign(new ModuleHooks(hooks.inner), {
    forwardPre: [...forwardPre],
    forward: [...forward],
    fullBackwardPre: [...fullBackwardPre],
    fullBackward: [...fullBackward],
  });
  install(to, own);
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
  readonly #preHooks: readonly FullBackwardPreHook[];
  readonly #hooks: readonly FullBackwardHook[];
  #inputCount = 0;
  /** Which arguments are tensors; `null` where no argument requires grad. */
  #inputPositions: readonly number[] | null = null;
  #gradOutput: readonly (Tensor | null)[] | null = null;

  constructor(module: Module, preHooks: readonly FullBackwardPreHook[], hooks: readonly FullBackwardHook[]) {
    this.#module = module;
    this.#preHooks = preHooks;
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
    const { positions } = wrapped;
    wrapped.node.registerHook((_, grads) => {
      const gradOutput = this.#atOutputs(spread(positions, grads, outputs.length));
      return positions.map((i) => gradOutput[i]);
    });
    return several ? wrapped.values : wrapped.values[0];
  }

  #atOutputs(given: readonly (Tensor | null)[]): readonly (Tensor | null)[] {
    let gradOutput = given;
    for (const hook of this.#preHooks) {
      gradOutput = replacedBy(
        hook(this.#module, gradOutput),
        gradOutput,
        "pre hook returned an invalid number of gradOutput",
      );
    }
    this.#gradOutput = gradOutput;
    if (this.#inputPositions !== null) return gradOutput;
    const gradInput = new Array<null>(this.#inputCount).fill(null);
    for (const hook of this.#hooks) {
      if (replacedBy(hook(this.#module, gradInput, gradOutput), gradInput, RETURNED).some((g) => g !== null)) {
        throw new AutogradError(
          "Backward hook for Modules where no input requires gradient should always return null or null for all gradients.",
        );
      }
    }
    return gradOutput;
  }

  #atInputs(grads: readonly (Tensor | null)[], positions: readonly number[]): readonly (Tensor | null)[] {
    if (this.#gradOutput === null) {
      throw new AutogradError(
        "Module backward hook for gradInput is called before the gradOutput one. This happens because the gradient in your nn.Module flows to the Module's input without passing through the Module's output. Make sure that the output depends on the input and that the loss is computed based on the output.",
      );
    }
    let gradInput: readonly (Tensor | null)[] = spread(positions, grads, this.#inputCount);
    for (const hook of this.#hooks) {
      const replaced = hook(this.#module, gradInput, this.#gradOutput);
      gradInput = replacedBy(replaced, gradInput, RETURNED);
    }
    return positions.map((i) => gradInput[i]);
  }
}

const RETURNED = "hook returned an invalid number of gradInput";

/** What a hook returned, or what it was given where it returned nothing. */
function replacedBy(
  returned: readonly (Tensor | null)[] | Tensor | undefined | void,
  given: readonly (Tensor | null)[],
  problem: string,
): readonly (Tensor | null)[] {
  if (returned === undefined || returned === null) return given;
  const all = Array.isArray(returned) ? (returned as readonly (Tensor | null)[]) : [returned as Tensor];
  if (all.length === given.length) return all;
  throw new AutogradError(`Backward ${problem}, got ${all.length}, but expected ${given.length}`, {
    got: all.length,
    expected: given.length,
  });
}

/** Gradients at the positions of their tensors, `null` elsewhere. */
function spread(positions: readonly number[], grads: readonly (Tensor | null)[], size: number): (Tensor | null)[] {
  const out = new Array<Tensor | null>(size).fill(null);
  positions.forEach((i, k) => {
    out[i] = grads[k] ?? null;
  });
  return out;
}
