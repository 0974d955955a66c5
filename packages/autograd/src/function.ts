import { ArgumentError, AutogradError, state } from "@kindling/storage";
import { noGrad } from "./grad-mode.js";
import type { Derivative, Grad, Node } from "./node.js";
import { zeros } from "./ops/creation.js";
import { aliasView } from "./ops/views.js";
import { makeNode, recordingAny } from "./record.js";
import { alias, isTensor, type Tensor } from "./tensor.js";
import { beginInPlace, rebase } from "./views.js";

/*
 * Custom derivatives: a class with static `forward` and `backward`, applied as one node of the graph.
 */

/** What `forward` leaves for `backward`. Further fields may be set on it freely. */
export class FunctionContext {
  /** Whether each argument of `apply` needs a gradient (`false` for those that are no tensors). */
  needsInputGrad: readonly boolean[] = [];
  #node: Node | null = null;
  #toSave: readonly (Tensor | null)[] | null = null;
  #dirty: readonly Tensor[] = [];
  #plain: readonly Tensor[] = [];
  #materialize = true;
  // biome-ignore lint/suspicious/noExplicitAny: plain values of the user's own
  [field: string]: any;

  /** Keeps tensors for `backward`; only inputs and outputs of `forward` keep their place in the graph. */
  saveForBackward(...tensors: (Tensor | null)[]): void {
    this.#toSave = tensors;
  }

  /** The saved tensors. @throws AutogradError where the graph was freed, or a saved tensor changed in place. */
  get savedTensors(): Tensor[] {
    if (this.#node === null) return [...(this.#toSave ?? [])] as Tensor[];
    return Array.from({ length: this.#node.savedCount }, (_, i) => (this.#node as Node).savedOrNull(i) as Tensor);
  }

  /** Says that `forward` changed these inputs in place; they must be among its results. */
  markDirty(...tensors: Tensor[]): void {
    this.#dirty = tensors;
  }

  /** Says that these results have no gradient. */
  markNonDifferentiable(...tensors: Tensor[]): void {
    this.#plain = tensors;
  }

  /** Whether absent gradients reach `backward` as zeros (the default) or as `null`. */
  setMaterializeGrads(value: boolean): void {
    this.#materialize = value;
  }

  /** For `Function` alone. */
  static inside(ctx: FunctionContext) {
    return { dirty: ctx.#dirty, plain: ctx.#plain, materialize: ctx.#materialize };
  }

  /** For `Function` alone: hands the saved tensors to the node; results as the tensors that `carriers` made of them. */
  static attach(ctx: FunctionContext, node: Node, carriers: ReadonlyMap<Tensor, Tensor>): void {
    ctx.#node = node;
    if (ctx.#toSave === null) return;
    for (const [i, t] of ctx.#toSave.entries()) {
      if (t === null || isTensor(t)) continue;
      throw new ArgumentError(`saveForBackward can only save tensors, but argument ${i} is of type ${typeof t}`);
    }
    node.save(...ctx.#toSave.map((t) => (t && carriers.get(t)) ?? t));
    ctx.#toSave = null;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: arguments and results are the subclass's own
type Any = any;
type ForwardArgs<C> = C extends { setupContext(...args: Any[]): unknown; forward(...args: infer A): unknown }
  ? A
  : C extends { forward(ctx: Any, ...args: infer A): unknown }
    ? A
    : never;
type ForwardResult<C> = C extends { forward(...args: Any[]): infer R } ? R : never;

/** `F.apply`: bound, so that it may be stored and passed on; called on the class itself it is typed by `forward`. */
export interface Apply {
  <C extends typeof Function>(this: C, ...args: ForwardArgs<C>): ForwardResult<C>;
  (...args: Any[]): Any;
}

const applies = new WeakMap<typeof Function, Apply>();

/**
 * Base of custom functions: `static forward(ctx, …args)` computes, outside of the graph; `static backward(ctx, …gradOutputs)`
 * gives one gradient per argument, `null` for those without. Use it as `F.apply(…args)`.
 *
 * A class with `static setupContext(ctx, inputs, output)` computes by `static forward(…args)`, and tells the context afterwards. The name `vjp` may
 * stand for `backward`.
 */
export abstract class Function {
  static forward(_ctx: Any, ..._args: Any[]): Any {
    throw new AutogradError("You must implement the forward function for custom autograd.Function.");
  }

  static backward(_ctx: Any, ..._gradOutputs: Any[]): Any {
    throw new AutogradError(
      "You must implement the backward function for custom autograd.Function to use it with autograd.",
    );
  }

  static get apply(): Apply {
    let apply = applies.get(this);
    if (apply === undefined) {
      apply = ((...args: unknown[]) => applyFunction(this, args)) as Apply;
      applies.set(this, apply);
    }
    return apply;
  }
}

/** What a class may have beside, or in the place of, what the base has. */
interface Separate {
  setupContext?: (ctx: FunctionContext, inputs: readonly unknown[], output: unknown) => void;
  vjp?: typeof Function.backward;
}

function applyFunction(F: typeof Function, args: readonly unknown[]): unknown {
  const inputs = args.map((a) => (isTensor(a) ? a : null));
  const ctx = new FunctionContext();
  const records = recordingAny(inputs);
  ctx.needsInputGrad = inputs.map((t) => t?.requiresGrad ?? false);
  const versions = inputs.map((t) => t?.counter.version ?? 0);
  const { setupContext } = F as Separate;
  const result: unknown = noGrad(() => F.forward(...((setupContext ? args : [ctx, ...args]) as [Any, ...Any[]])));
  if (setupContext) noGrad(() => setupContext.call(F, ctx, args, result));
  const several = Array.isArray(result);
  const raw = (several ? result : [result]) as readonly unknown[];
  const { dirty, plain } = FunctionContext.inside(ctx);
  for (const t of dirty) {
    const i = inputs.indexOf(t);
    if (i >= 0 && t.counter.version === versions[i]) t.counter.version++;
    if (!raw.includes(t)) {
      throw new AutogradError(
        "Some elements marked as dirty during the forward method were not returned as output. The inputs that are modified inplace must all be outputs of the Function.",
      );
    }
  }
  if (!records) return several ? raw.map((o) => unrecorded(o, inputs, dirty)) : unrecorded(raw[0], inputs, dirty);
  const outs = wrapOutputs(F, ctx, inputs, raw, dirty, plain);
  return several ? outs : outs[0];
}

/** Outside of the graph an input that is returned unchanged still becomes a tensor of its own, and views are marked. */
function unrecorded(out: unknown, inputs: readonly (Tensor | null)[], dirty: readonly Tensor[]): unknown {
  if (!isTensor(out)) return out;
  if (inputs.includes(out)) return dirty.includes(out) ? out : aliasView(out, VIEW_AS, "customFunction");
  if (out.base !== null) out.viewKind = "customFunction";
  return out;
}

const VIEW_AS: Derivative = { name: "ViewBackward0", backward: (_node, g) => g };

function wrapOutputs(
  F: typeof Function,
  ctx: FunctionContext,
  inputs: readonly (Tensor | null)[],
  raw: readonly unknown[],
  dirty: readonly Tensor[],
  plain: readonly Tensor[],
): unknown[] {
  const differentiable = raw.map((o) => isTensor(o) && o.isFloatingPoint() && !plain.includes(o));
  const first = raw.find((o, i) => isTensor(o) && differentiable[i]) as Tensor | undefined;
  if (first === undefined) return raw.map((o) => constant(o, inputs, dirty));
  checkDirty(inputs, raw, dirty);
  const node = makeNode(derivativeOf(F, ctx, inputs, raw), inputs, first.shape, first.dtype, first.storage.device);
  const metaOf = (o: unknown) => {
    const t = isTensor(o) ? o : first;
    return { shape: t.shape, dtype: t.dtype, device: t.storage.device };
  };
  // the node's first output is the first result, whatever it is; gradients arrive by position
  Object.assign(node, metaOf(raw[0]));
  node.moreOutputs = raw.slice(1).map(metaOf);
  const several = differentiable.filter(Boolean).length > 1;
  const carriers = new Map<Tensor, Tensor>();
  const outs = raw.map((o, i) => {
    if (!isTensor(o)) return o;
    if (!differentiable[i]) return constant(o, inputs, dirty);
    if (dirty.includes(o)) {
      rebase(o, node, inputs.indexOf(o));
      if (o.base === null) o.outputNumber = i;
      return o;
    }
    const out = inputs.includes(o) ? returned(o) : o.base !== null || o.requiresGrad ? own(o, several) : o;
    if (out !== o && !inputs.includes(o)) carriers.set(o, out);
    out.node = node;
    out.outputNumber = i;
    out.viewVersion = out.counter.version;
    return out;
  });
  FunctionContext.attach(ctx, node, carriers);
  return outs;
}

/** What `forward` changed in place must be allowed to change. */
function checkDirty(inputs: readonly (Tensor | null)[], raw: readonly unknown[], dirty: readonly Tensor[]): void {
  for (const t of dirty) {
    if (t.isLeaf && t.requiresGrad && t.base === null) {
      throw new AutogradError("a leaf Variable that requires grad has been used in an in-place operation.");
    }
    if (!beginInPlace(t, inputs) || t.base === null) continue;
    if (raw.filter(isTensor).length > 1) {
      throw new AutogradError(
        "If your Function modifies inplace an input that is a view of another Tensor, your Function cannot return more than one Tensor. This is not supported by the current autograd engine. You should either make sure the input is not a view (using .clone() for example) or make your Function only return one Tensor (potentially splitting it into two Functions: one doing the inplace that returns a single Tensor and a second one that does the other operations).",
      );
    }
  }
}

/** A result without a gradient: an input that comes back keeps its own place in the graph, the result is another tensor. */
const constant = (o: unknown, inputs: readonly (Tensor | null)[], dirty: readonly Tensor[]): unknown =>
  isTensor(o) && o.requiresGrad ? o.detach() : unrecorded(o, inputs, dirty);

/** An input that was returned unchanged, as a tensor of its own. */
function returned(input: Tensor): Tensor {
  const out = aliasView(input.detach(), VIEW_AS, "customFunction");
  out.base = input.base ?? input;
  out.counter = input.counter;
  return out;
}

/** A result that is a view (or belongs to another graph already) as a tensor that can take this node. */
function own(o: Tensor, several: boolean): Tensor {
  const out = alias(o);
  out.counter = o.counter;
  out.base = o.base;
  out.viewKind = several ? "multiOutput" : "customFunction";
  return out;
}

function derivativeOf(
  F: typeof Function,
  ctx: FunctionContext,
  inputs: readonly (Tensor | null)[],
  raw: readonly unknown[],
): Derivative {
  const name = `${F.name}Backward`;
  const isInput = inputs.map((t) => t !== null);
  const isOutput = raw.map(isTensor);
  return {
    name,
    foreign: true,
    acceptsUndefined: true,
    backward(node, _grad, grads) {
      const { materialize } = FunctionContext.inside(ctx);
      const full = isOutput.map((is, i) => grads[i] ?? (materialize && is ? zeroGrad(node, i) : null));
      const result: unknown = backwardOf(F).call(F, ctx, ...full);
      return checkGradients(name, isInput, Array.isArray(result) ? result : [result]);
    },
  };
}

function backwardOf(F: typeof Function): typeof Function.backward {
  const { vjp } = F as Separate;
  if (vjp === undefined) return F.backward;
  if (F.backward === Function.backward) return vjp;
  throw new AutogradError(
    "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only implement one of them.",
  );
}

const zeroGrad = (node: Node, i: number): Tensor => {
  const { shape, dtype, device } = node.output(i);
  return zeros(shape as number[], { dtype, device: device.name });
};

/** One gradient for each argument; `null`s may follow. */
function checkGradients(name: string, isInput: readonly boolean[], results: readonly unknown[]): readonly Grad[] {
  const expected = isInput.length;
  const isNone = (r: unknown): boolean => r === null || r === undefined;
  if (results.length < expected || !results.slice(expected).every(isNone)) {
    throw new AutogradError(
      `function ${name} returned an incorrect number of gradients (expected ${expected}, got ${results.length})`,
      { expected, got: results.length },
    );
  }
  return results.slice(0, expected).map((r, i) => {
    if (!isNone(r) && !isInput[i]) {
      throw new AutogradError(
        `function ${name} returned a gradient different than null at position ${i + 1}, but the corresponding forward input was not a Variable`,
        { position: i + 1 },
      );
    }
    return (r ?? null) as Grad;
  });
}

const ONCE: Derivative = {
  name: "DelayedErrorBackward",
  backward() {
    throw new AutogradError("trying to differentiate twice a function that was marked with onceDifferentiable");
  },
};

/**
 * Marks a `backward` whose own operations must not be differentiated: it runs outside of the graph, and a second derivative
 * through it throws. `static backward = autograd.onceDifferentiable((ctx, g) => …)`, or as a decorator.
 */
export function onceDifferentiable<A extends Any[], R>(
  backward: (ctx: Any, ...grads: A) => R,
  _context?: unknown,
): (ctx: Any, ...grads: A) => R {
  return function (this: unknown, ctx: Any, ...grads: A): R {
    const result = noGrad(() => backward.call(this, ctx, ...grads));
    const tensors = grads.filter(isTensor);
    if (!state.gradEnabled || !recordingAny(tensors)) return result;
    const guard = (r: unknown): unknown => {
      if (!isTensor(r)) return r;
      const out = alias(r);
      out.node = makeNode(ONCE, tensors, out.shape, out.dtype, out.storage.device);
      return out;
    };
    return (Array.isArray(result) ? result.map(guard) : guard(result)) as R;
  };
}
