import { AutogradError, type Device, type DType, dtypeInfo, formatShape, type Shape, state } from "@kindling/storage";
import { remember } from "./origins.js";
import type { PendingProduct } from "./pending.js";
import type { Tensor } from "./tensor.js";

/** A gradient, or the absence of one. */
export type Grad = Tensor | null;

/** How an operator is differentiated: one object per operator, shared by all its nodes. */
export interface Derivative {
  /** Name of the node, as PyTorch prints it: `MulBackward0`. */
  readonly name: string;
  /**
   * Gradients of the inputs from those of the outputs, written in differentiable operators. A node of one output gets its
   * gradient, one of several an array with `null` for outputs that got none. A node of one input may return a bare gradient.
   * Results may have any shape that broadcasting could have made of the input's: the engine sums them to it.
   */
  backward(node: Node, grad: Tensor, grads: readonly Grad[]): Grad | readonly Grad[];
  /** Whether `backward` wants to be called though no output got a gradient (custom functions do). */
  readonly acceptsUndefined?: boolean;
  /** Whether user code runs in `backward`: what it returns may be known to others. */
  readonly foreign?: boolean;
}

/** Shape, dtype and device of a node's output: what its gradient must look like. */
export interface OutputMeta {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly device: Device;
}

/** A hook on a gradient; returning a tensor replaces it. */
export type GradHook = (grad: Tensor) => Tensor | undefined | void;

/** What the engine knows of a node during one pass. A nested pass over the same node stacks its own. */
export class Visit {
  /** Edges that still have to deliver. */
  dependencies = 0;
  /** Whether the pass needs a gradient here (always, unless particular inputs were asked for). */
  needed = true;
  /** Whether the pass hands the gradient here to its caller. */
  captured = false;
  /** Accumulated gradients by output; index 0 is by far the most frequent. */
  grad: Grad = null;
  /** Whether `grad` is known to nobody else, so that it may be added to or kept without a copy. */
  owned = false;
  /** What has still to be added to `grad`. */
  pending: PendingProduct | null = null;
  more: Grad[] | null = null;
  readonly outer: Visit | null;

  constructor(outer: Visit | null) {
    this.outer = outer;
  }
}

/** What keeps saved tensors in place of the nodes, while its mode is on (`state.savedTensorsHooks`). */
export interface Keeper {
  keep(tensor: Tensor): Kept;
}

/** A saved tensor in the keeping of hooks. */
export interface Kept {
  tensor(): Tensor;
}

const RELEASED: readonly Tensor[] = Object.freeze([]);

/**
 * One use of one operator: the edges to the nodes that made its inputs, and the values its derivative needs.
 * A layer that is used three times is three nodes, whose gradients add up where their edges meet.
 */
export class Node implements OutputMeta {
  readonly derivative: Derivative;
  /** Creation order. Inputs always come first, so newest-first is a topological order. */
  readonly sequence: number;
  /** Producers of the inputs, `null` for those that need no gradient. */
  inputs: readonly (Node | null)[];
  /** Which output of its producer each input was; `null` where all are output 0. */
  inputNumbers: readonly number[] | null;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly device: Device;
  /** Outputs after the first. */
  moreOutputs: OutputMeta[] | null = null;
  /** Plain values for the derivative: dimensions, shapes, flags. */
  context: unknown = undefined;
  hooks: NodeHooks | null = null;
  visit: Visit | null = null;
  #saved: readonly (Tensor | Kept | null)[] | null = null;
  /** Whether hooks keep the saved tensors. */
  #keptByHooks = false;
  #versions: number[] | null = null;
  /** Which of the saved tensors is the node's own result; -1 for none. */
  #result = -1;

  constructor(
    derivative: Derivative,
    inputs: readonly (Node | null)[],
    inputNumbers: readonly number[] | null,
    shape: Shape,
    dtype: DType,
    device: Device,
  ) {
    this.derivative = derivative;
    this.inputs = inputs;
    this.inputNumbers = inputNumbers;
    this.shape = shape;
    this.dtype = dtype;
    this.device = device;
    this.sequence = ++state.sequence;
    if (state.anomaly) remember(this);
  }

  get name(): string {
    return this.derivative.name;
  }

  /** The graph below, as PyTorch's `grad_fn.next_functions`: pairs of node and output number. */
  get nextFunctions(): readonly (readonly [Node | null, number])[] {
    return this.inputs.map((node, i) => [node, this.inputNumbers?.[i] ?? 0] as const);
  }

  output(number: number): OutputMeta {
    return number === 0 ? this : (this.moreOutputs as OutputMeta[])[number - 1];
  }

  get outputCount(): number {
    return 1 + (this.moreOutputs?.length ?? 0);
  }

  /** Whether the gradient of input `i` is wanted in the running pass. */
  needs(i: number): boolean {
    const input = this.inputs[i];
    return input !== null && input !== undefined && (input.visit === null || input.visit.needed);
  }

  /** Keeps tensors for the derivative, together with their versions. */
  save(...tensors: (Tensor | null)[]): void {
    const versions = new Array<number>(tensors.length);
    for (let i = 0; i < tensors.length; i++) {
      const t = tensors[i];
      if (t?.inference) {
        throw new AutogradError(
          "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it in autograd.",
        );
      }
      versions[i] = t === null ? 0 : t.counter.version;
      if (t !== null && t.node === this) this.#result = i;
    }
    const keeper = state.savedTensorsHooks as Keeper | null;
    this.#keptByHooks = keeper !== null;
    this.#saved = keeper === null ? tensors : tensors.map((t) => t && keeper.keep(t));
    this.#versions = versions;
  }

  /**
   * The saved tensor `i`.
   * @throws AutogradError where the graph was freed, or where the tensor was changed in place since.
   */
  saved(i: number): Tensor {
    return this.savedOrNull(i) as Tensor;
  }

  savedOrNull(i: number): Tensor | null {
    const saved = this.#saved;
    if (saved === RELEASED) throw new AutogradError(BACKWARD_TWICE);
    if (this.#keptByHooks) return (saved as readonly (Kept | null)[])[i]?.tensor() ?? null;
    const tensor = (saved as readonly (Tensor | null)[])[i];
    if (tensor !== null) {
      const expected = (this.#versions as number[])[i];
      if (tensor.counter.version !== expected)
        throw modified(tensor, expected, i === this.#result ? this : tensor.gradFn);
    }
    return tensor;
  }

  /** Lets `to`, which holds the same values now, stand for the saved result `from`. */
  resave(from: Tensor, to: Tensor): void {
    this.#saved?.forEach((t, i) => {
      if (t !== from) return;
      (this.#saved as (Tensor | null)[])[i] = to;
      (this.#versions as number[])[i] = to.counter.version;
      this.#result = i;
    });
  }

  get savedCount(): number {
    if (this.#saved === RELEASED) throw new AutogradError(BACKWARD_TWICE);
    return this.#saved?.length ?? 0;
  }

  /** Lets go of the saved tensors; from now on asking for one throws. */
  release(): void {
    if (this.#saved !== null) this.#saved = RELEASED;
  }

  toString(): string {
    return `<${this.name}>`;
  }

  /** A node is shown by its name: what writes values down would follow the graph without end. */
  toJSON(): string {
    return this.toString();
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /** A hook on the gradients of the node's inputs and outputs; it may replace the former. */
  registerHook(
    hook: (gradInputs: readonly Grad[], gradOutputs: readonly Grad[]) => readonly Grad[] | undefined | void,
  ): RemovableHandle {
    this.hooks ??= new NodeHooks();
    return addTo(this.hooks.post, hook);
  }

  /** A hook on the gradients of the node's outputs, before its derivative runs; it may replace them. */
  registerPrehook(hook: (gradOutputs: readonly Grad[]) => readonly Grad[] | undefined | void): RemovableHandle {
    this.hooks ??= new NodeHooks();
    return addTo(this.hooks.pre, hook);
  }
}

/** Everything that listens at a node. */
export class NodeHooks {
  /** Hooks of the output tensors, by output number. */
  readonly tensor = new Map<number, GradHook[]>();
  /** Outputs whose gradient is kept (`retainGrad`), by output number. */
  readonly retain = new Map<number, Tensor>();
  readonly pre: ((gradOutputs: readonly Grad[]) => readonly Grad[] | undefined | void)[] = [];
  readonly post: ((gradInputs: readonly Grad[], gradOutputs: readonly Grad[]) => readonly Grad[] | undefined | void)[] =
    [];
}

/** What a hook's registration returns. */
export interface RemovableHandle {
  /** Takes the hook away; may be called again. */
  remove(): void;
}

export function addTo<T>(list: T[], item: T): RemovableHandle {
  let registered = true;
  list.push(item);
  return {
    remove() {
      if (registered) list.splice(list.indexOf(item), 1);
      registered = false;
    },
  };
}

const BACKWARD_TWICE =
  "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retainGraph: true if you need to backward through the graph a second time or if you need to access saved tensors after calling backward.";

const SEARCH =
  "enable anomaly detection to find the operation that failed to compute its gradient, with autograd.setDetectAnomaly(true).";
const SHOWN =
  "the backtrace further above shows the operation that failed to compute its gradient. The variable in question was changed in there or anywhere later. Good luck!";

/** `node` is what made the saved value. */
function modified(tensor: Tensor, expected: number, node: Node | null): AutogradError {
  const from = node ? `, which is output ${tensor.outputNumber} of ${node.name},` : "";
  return new AutogradError(
    `one of the variables needed for gradient computation has been modified by an inplace operation: ` +
      `[${dtypeInfo[tensor.dtype].tensorName} ${formatShape(tensor.shape)}]${from} is at version ${tensor.counter.version}; ` +
      `expected version ${expected} instead. Hint: ${state.anomaly ? SHOWN : SEARCH}`,
    { version: tensor.counter.version, expected, shape: tensor.shape, operation: node?.name },
  );
}
