import { ArgumentError, AutogradError, formatShape, isFloat, sameShape } from "@kindling/storage";
import { bind, signature } from "./args.js";
import { type Capture, type Root, run } from "./engine.js";
import { retainGrad } from "./hooks.js";
import type { Grad } from "./node.js";
import { onesLike } from "./ops/creation.js";
import { edgeOf } from "./record.js";
import { isTensor, type Tensor } from "./tensor.js";

/** Tensors, or one. */
type Many<T> = T | readonly T[];
const list = <T>(value: Many<T>): readonly T[] => (Array.isArray(value) ? value : [value as T]);

/** What starts a pass at `outputs`: the given gradients, or 1 for scalars. */
function rootsOf(outputs: readonly Tensor[], grads: readonly Grad[] | null): Root[] {
  if (grads !== null && grads.length !== outputs.length) {
    throw new ArgumentError(`got ${outputs.length} tensors and ${grads.length} gradients`, {
      tensors: outputs.length,
      gradients: grads.length,
    });
  }
  const starts = outputs.map((out, i) => startingGrad(out, grads?.[i] ?? null, i));
  return outputs.map((out, i) => {
    const node = edgeOf(out);
    if (node === null) {
      throw new AutogradError(`element ${i} of tensors does not require grad and does not have a gradFn`, { index: i });
    }
    return { node, number: out.gradFn === null ? 0 : out.outputNumber, grad: starts[i] };
  });
}

function startingGrad(out: Tensor, grad: unknown, i: number): Grad {
  if (!isTensor(out)) throw new ArgumentError(`element ${i} of tensors is not a Tensor`, { index: i });
  if (grad === null) {
    if (!out.requiresGrad) return null; // reported with PyTorch's own text below
    if (out.numel() !== 1) {
      throw new AutogradError("grad can be implicitly created only for scalar outputs", { shape: out.shape });
    }
    if (!isFloat(out.dtype)) {
      throw new AutogradError(`grad can be implicitly created only for real scalar outputs but got ${out.dtype}`);
    }
    return onesLike(out);
  }
  if (!isTensor(grad)) {
    throw new ArgumentError(`gradients can be either Tensors or null, but got ${typeof grad}`, { index: i });
  }
  if (!sameShape(grad.shape, out.shape)) {
    throw new AutogradError(
      `Mismatch in shape: gradOutput[${i}] has a shape of ${formatShape(grad.shape)} and output[${i}] has a shape of ${formatShape(out.shape)}.`,
      { index: i, grad: grad.shape, output: out.shape },
    );
  }
  return grad.dtype === out.dtype ? grad : grad.to(out.dtype);
}

/** Where the gradient of `input` can be caught on its way. */
function captureOf(input: Tensor): Capture {
  if (!input.requiresGrad) throw new AutogradError("One of the differentiated Tensors does not require grad");
  return { node: edgeOf(input), number: input.gradFn === null ? 0 : input.outputNumber, grad: null };
}

export interface BackwardOptions {
  /** Gradients of the outputs; may be absent for outputs of one element. */
  gradTensors?: Many<Tensor | null> | null;
  /** Keep the graph for another pass; the default is `createGraph`. */
  retainGraph?: boolean | null;
  /** Record the pass itself, for higher derivatives. */
  createGraph?: boolean;
  /** Accumulate into these only. */
  inputs?: Many<Tensor> | null;
}

const backwardSignature = signature(
  "backward(tensors, gradTensors=null, retainGraph=null, createGraph=false, inputs=null)",
);

/** Accumulates the gradients of `tensors` into the `grad` of the leaves they came from. */
export function backward(
  tensors: Many<Tensor>,
  ...options: (BackwardOptions | Many<Tensor | null> | boolean | null)[]
): void {
  const [outs, grads, retain, create, inputs] = bind(backwardSignature, [tensors, ...options]) as [
    Many<Tensor>,
    Many<Tensor | null> | null,
    boolean | null,
    boolean,
    Many<Tensor> | null,
  ];
  if (inputs !== null && list(inputs).length === 0) {
    throw new AutogradError("'inputs' argument to backward() cannot be empty.");
  }
  const roots = rootsOf(list(outs), grads === null ? null : list(grads));
  const captures = inputs === null ? null : list(inputs).map(captureOf);
  if (inputs !== null) list(inputs).forEach(retainGrad); // for those that are no leaves
  run(roots, { retainGraph: retain ?? create, createGraph: create, captures, accumulate: true });
}

const methodSignature = signature("backward(self, gradient=null, retainGraph=null, createGraph=false, inputs=null)");

/** The method `backward`: see `TensorMethods`. */
export function backwardMethod(self: Tensor, ...args: unknown[]): void {
  const [, gradient, retainGraph, createGraph, inputs] = bind(methodSignature, [self, ...args]);
  backward(self, {
    gradTensors: gradient === null ? null : [gradient as Tensor],
    retainGraph: retainGraph as boolean | null,
    createGraph: createGraph as boolean,
    inputs: inputs as Many<Tensor> | null,
  });
}

export interface GradOptions {
  /** Gradients of the outputs; may be absent for outputs of one element. */
  gradOutputs?: Many<Tensor | null> | null;
  /** Keep the graph for another pass; the default is `createGraph`. */
  retainGraph?: boolean | null;
  /** Record the pass itself, for higher derivatives. */
  createGraph?: boolean;
  /** Give `null` for inputs that the outputs do not depend on, instead of throwing. */
  allowUnused?: boolean;
}

/** Without `allowUnused` every input has a gradient. */
type EveryUsed = GradOptions & { allowUnused?: false };

/** One `G` for each input, as many as a list that is written out has. */
type ForEach<I extends Many<Tensor>, G> = I extends readonly Tensor[] ? { -readonly [K in keyof I]: G } : [G];

const gradSignature = signature(
  "grad(outputs, inputs, gradOutputs=null, retainGraph=null, createGraph=false, *, allowUnused=false)",
);

/**
 * The gradients of `outputs` with respect to each of `inputs`, in one pass that walks only where it leads to an input.
 * Nothing is accumulated into `.grad`.
 * @returns one gradient per input, `null` where unused (with `allowUnused`)
 */
export function grad<const I extends Many<Tensor>>(
  outputs: Many<Tensor>,
  inputs: I,
  options?: EveryUsed,
): ForEach<I, Tensor>;
export function grad<const I extends Many<Tensor>>(
  outputs: Many<Tensor>,
  inputs: I,
  options?: GradOptions,
): ForEach<I, Grad>;
export function grad<const I extends Many<Tensor>>(
  outputs: Many<Tensor>,
  inputs: I,
  gradOutputs: Many<Tensor | null> | null,
  options?: EveryUsed,
): ForEach<I, Tensor>;
export function grad<const I extends Many<Tensor>>(
  outputs: Many<Tensor>,
  inputs: I,
  gradOutputs: Many<Tensor | null> | null,
  options?: GradOptions,
): ForEach<I, Grad>;
export function grad(...args: unknown[]): unknown {
  const [outs, ins, grads, retain, create, allowUnused] = bind(gradSignature, args) as [
    Many<Tensor>,
    Many<Tensor>,
    Many<Tensor | null> | null,
    boolean | null,
    boolean,
    boolean,
  ];
  if (list(ins).length === 0) throw new AutogradError("grad requires non-empty inputs.");
  const roots = rootsOf(list(outs), grads === null ? null : list(grads));
  const captures = list(ins).map(captureOf);
  run(roots, { retainGraph: retain ?? create, createGraph: create, captures, accumulate: false });
  return captures.map((c) => {
    if (c.grad === null && !allowUnused) {
      throw new AutogradError(
        "One of the differentiated Tensors appears to not have been used in the graph. Set allowUnused: true if this is the desired behavior.",
      );
    }
    return c.grad;
  });
}
