import { ArgumentError, AutogradError, formatShape, sameShape } from "@kindling/storage";
import { bind, type Signature, signature } from "./args.js";
import { grad } from "./backward.js";
import { enableGrad } from "./grad-mode.js";
import { onesLike, zerosLike } from "./ops/creation.js";
import { stack } from "./ops/shape.js";
import { reshape, viewAs } from "./ops/views.js";
import { isTensor, type Tensor } from "./tensor.js";

/*
 * Derivatives of functions as a whole: Jacobians, Hessians, and their products with vectors. "One or several" holds for inputs
 * and results alike: a bare tensor gives a bare result, an array an array.
 */

/** A tensor, or several. */
export type Some = Tensor | readonly Tensor[];
/** A differentiable function of tensors. */
// biome-ignore lint/suspicious/noExplicitAny: functions of any number of tensors fit
export type TensorFunction = (...inputs: any[]) => Some;

export interface FunctionalOptions {
  /** Record the result's own graph, for higher derivatives (default false). */
  createGraph?: boolean;
  /** Throw where a result does not depend on an input, instead of giving zeros (default false). */
  strict?: boolean;
}

/** The inputs as fresh members of a graph, the results of the function on them. */
interface Evaluated {
  readonly single: boolean;
  readonly inputs: readonly Tensor[];
  readonly singleOut: boolean;
  readonly outputs: readonly Tensor[];
}

const list = (value: Some): readonly Tensor[] => (isTensor(value) ? [value] : value);

function tensorsOf(value: unknown, name: string, role: string): readonly Tensor[] {
  const all = isTensor(value) ? [value] : value;
  if (Array.isArray(all) && all.every(isTensor)) return all;
  throw new ArgumentError(
    `The ${role} given to ${name} must be either a Tensor or an array of Tensors but got ${value === null ? "null" : typeof value}`,
  );
}

function evaluate(name: string, func: unknown, inputs: unknown, createGraph: boolean): Evaluated {
  if (typeof func !== "function") throw new ArgumentError(`${name} takes a function and its inputs`);
  const given = tensorsOf(inputs, name, "inputs");
  const fresh = given.map((t) => (createGraph && t.requiresGrad ? viewAs(t, t) : t.detach().requiresGrad_()));
  const result = (func as TensorFunction)(...fresh);
  const outputs = tensorsOf(result, name, "outputs of the user-provided function");
  return { single: isTensor(inputs), inputs: fresh, singleOut: isTensor(result), outputs };
}

function scalarOf(name: string, { outputs, singleOut }: Evaluated): Tensor {
  if (!singleOut || outputs.length !== 1) {
    throw new AutogradError(`The function given to ${name} should return a single Tensor`);
  }
  if (outputs[0].numel() !== 1) {
    throw new AutogradError(`The Tensor returned by the function given to ${name} should contain a single element`, {
      shape: outputs[0].shape,
    });
  }
  return outputs[0];
}

/** Gradients with zeros, or with `strict` an error, in place of absent ones. */
function gradsOf(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  gradOutputs: readonly Tensor[] | null,
  createGraph: boolean,
  strict: boolean,
  retainGraph = createGraph,
): Tensor[] {
  const used = outputs.flatMap((out, i) => (out.requiresGrad ? [i] : []));
  if (strict && used.length < outputs.length) {
    const i = outputs.findIndex((out) => !out.requiresGrad);
    throw new AutogradError(
      `Output ${i} of the user-provided function does not require gradients. The outputs must be computed in a differentiable manner from the input when running in strict mode.`,
    );
  }
  const grads =
    used.length === 0
      ? inputs.map(() => null)
      : grad(
          used.map((i) => outputs[i]),
          inputs,
          gradOutputs === null ? null : used.map((i) => gradOutputs[i]),
          { createGraph, retainGraph, allowUnused: true },
        );
  return grads.map((g, j) => {
    if (g !== null) return g;
    if (!strict) return zerosLike(inputs[j]);
    throw new AutogradError(
      `The output of the user-provided function is independent of input ${j}. This is not allowed in strict mode.`,
      { input: j },
    );
  });
}

/** The vector of a product, which must look like what it is multiplied with; 1 for a single number. */
function vectorOf(v: Some | null, like: readonly Tensor[], single: boolean, ofWhat: string): readonly Tensor[] {
  if (v === null) {
    if (single && like[0].numel() === 1) return [onesLike(like[0])];
    throw new AutogradError(
      ofWhat === "input"
        ? "The vector v can only be null if the input to the user-provided function is a single Tensor with a single element."
        : "The vector v can only be null if the user-provided function returns a single Tensor with a single element.",
    );
  }
  const vector = list(v);
  if (vector.length !== like.length) {
    throw new AutogradError(`v is an array of invalid length: should be ${like.length} but got ${vector.length}.`);
  }
  for (const [i, t] of vector.entries()) {
    if (sameShape(t.shape, like[i].shape)) continue;
    const which = like.length > 1 ? `Entry ${i} in ` : "";
    throw new AutogradError(
      `${which}v has invalid size: should be ${formatShape(like[i].shape)} but got ${formatShape(t.shape)}.`,
      { expected: like[i].shape, got: t.shape },
    );
  }
  return vector;
}

const finished = (tensors: readonly Tensor[], createGraph: boolean): Tensor[] =>
  tensors.map((t) => (createGraph ? t : t.detach()));
const unlisted = (tensors: readonly Tensor[], single: boolean): Some => (single ? tensors[0] : tensors);

const OPTIONS = "createGraph=false, strict=false";
const jacobianSignature = signature(`jacobian(func, inputs, ${OPTIONS})`);
const hessianSignature = signature(`hessian(func, inputs, ${OPTIONS})`);
const productSignatures = Object.fromEntries(
  ["vjp", "jvp", "vhp", "hvp"].map((name) => [name, signature(`${name}(func, inputs, v=null, ${OPTIONS})`)]),
) as Record<"vjp" | "jvp" | "vhp" | "hvp", Signature>;

type Bound = [func: TensorFunction, inputs: Some, createGraph: boolean, strict: boolean];
type BoundProduct = [func: TensorFunction, inputs: Some, v: Some | null, createGraph: boolean, strict: boolean];

/** What holds a derivative of each result by each input: bare where there is one, else nested arrays. */
export type Nested = Tensor | readonly Tensor[] | readonly (readonly Tensor[])[];

/**
 * The Jacobian of `func` at `inputs`: of a result of shape `out` by an input of shape `in` the tensor (…out, …in). Several results give
 * an array by result, several inputs an array by input.
 *
 * @example
 * autograd.functional.jacobian((x) => x.pow(2), tensor([1, 2])); // tensor([[2., 0.], [0., 4.]])
 */
export function jacobian(func: (input: Tensor) => Tensor, inputs: Tensor, options?: FunctionalOptions): Tensor;
export function jacobian(func: TensorFunction, inputs: Some, options?: FunctionalOptions): Nested;
export function jacobian(...args: unknown[]): Nested {
  const [func, given, createGraph, strict] = bind(jacobianSignature, args) as Bound;
  return enableGrad(() => {
    const { inputs, outputs, single, singleOut } = evaluate("jacobian", func, given, createGraph);
    const all = outputs.map((out) => rowsOf(out, inputs, createGraph, strict));
    const nested = all.map((byInput) => (single ? byInput[0] : byInput));
    return (singleOut ? nested[0] : nested) as Nested;
  });
}

/** The Jacobians of one result by each input, a pass for each of its elements. */
function rowsOf(out: Tensor, inputs: readonly Tensor[], createGraph: boolean, strict: boolean): Tensor[] {
  const count = out.numel();
  const rows = Array.from({ length: count }, (_, i) => {
    const unit = zerosLike(out).detach();
    reshape(unit, [-1]).narrow(0, i, 1).fill_(1);
    return gradsOf([out], inputs, [unit], createGraph, strict, true);
  });
  return inputs.map((input, j) => {
    const shape = [...out.shape, ...input.shape];
    if (count === 0) return zerosLike(input).newZeros(shape);
    return finished([reshape(stack(rows.map((row) => row[j])), shape)], createGraph)[0];
  });
}

/**
 * The Hessian of a function whose result is one number: of inputs of the shapes `a` and `b` the tensor (…a, …b), several inputs
 * nested arrays.
 *
 * @example
 * autograd.functional.hessian((x) => x.pow(3).sum(), tensor([1, 2])); // tensor([[6., 0.], [0., 12.]])
 */
export function hessian(func: (input: Tensor) => Tensor, inputs: Tensor, options?: FunctionalOptions): Tensor;
export function hessian(func: TensorFunction, inputs: Some, options?: FunctionalOptions): Nested;
export function hessian(...args: unknown[]): Nested {
  const [func, given, createGraph, strict] = bind(hessianSignature, args) as Bound;
  const gradient = (...inputs: Tensor[]): Some => {
    const result = func(...inputs);
    const outputs = tensorsOf(result, "hessian", "outputs of the user-provided function");
    const evaluated = { inputs, outputs, single: isTensor(given), singleOut: isTensor(result) };
    return unlisted(gradsOf([scalarOf("hessian", evaluated)], inputs, null, true, strict), evaluated.single);
  };
  return jacobian(gradient, given, { createGraph, strict });
}

interface Product {
  /**
   * @param v the vector; may be absent where it could only be one number
   * @returns the function's result and the product
   */
  (func: (input: Tensor) => Tensor, inputs: Tensor, v?: Tensor | null, options?: FunctionalOptions): [Tensor, Tensor];
  (func: TensorFunction, inputs: Some, v?: Some | null, options?: FunctionalOptions): [Some, Some];
}

/** A product: binds, evaluates, and finishes what `compute` makes of it. */
function product(
  name: keyof typeof productSignatures,
  compute: (e: Evaluated, v: Some | null, createGraph: boolean, strict: boolean) => readonly Tensor[],
  alike: "inputs" | "outputs",
): Product {
  return ((...args: unknown[]): [Some, Some] => {
    const [func, given, v, createGraph, strict] = bind(productSignatures[name], args) as BoundProduct;
    return enableGrad(() => {
      const e = evaluate(name, func, given, createGraph);
      const result = finished(compute(e, v, createGraph, strict), createGraph);
      return [
        unlisted(finished(e.outputs, createGraph), e.singleOut),
        unlisted(result, alike === "inputs" ? e.single : e.singleOut),
      ];
    });
  }) as Product;
}

/**
 * The product of a vector with the Jacobian, `vᵀ · J`: what one backward pass from `v` gives. `v` has the shapes of the results.
 *
 * @example
 * const [y, g] = autograd.functional.vjp((x) => x.exp(), tensor([0, 1]), tensor([1, 0])); // g: tensor([1., 0.])
 */
export const vjp = product(
  "vjp",
  ({ inputs, outputs, singleOut }, v, createGraph, strict) =>
    gradsOf(outputs, inputs, vectorOf(v, outputs, singleOut, "output"), createGraph, strict),
  "inputs",
);

/**
 * The product of the Jacobian with a vector, `J · v`, by differentiating a backward pass by its vector. `v` has the shapes of the
 * inputs.
 *
 * @example
 * const [y, dy] = autograd.functional.jvp((x) => x.exp(), tensor([0, 1]), tensor([1, 0])); // dy: tensor([1., 0.])
 */
export const jvp = product(
  "jvp",
  ({ inputs, outputs, single }, v, createGraph, strict) => {
    const vector = vectorOf(v, inputs, single, "input");
    const probe = outputs.map((out) => zerosLike(out).detach().requiresGrad_());
    const grads = gradsOf(outputs, inputs, probe, true, strict);
    return gradsOf(grads, probe, vector, createGraph, strict);
  },
  "outputs",
);

/** The product of a vector with the Hessian of a function whose result is one number, `vᵀ · H`. `v` has the shapes of the inputs. */
export const vhp = product(
  "vhp",
  (e, v, createGraph, strict) => {
    const vector = vectorOf(v, e.inputs, e.single, "input");
    const gradient = gradsOf([scalarOf("vhp", e)], e.inputs, null, true, strict);
    return gradsOf(gradient, e.inputs, vector, createGraph, strict);
  },
  "inputs",
);

/**
 * The product of the Hessian of a function whose result is one number with a vector, `H · v`. `v` has the shapes of the inputs.
 * `vhp` gives the same, for less, where the Hessian is symmetric.
 */
export const hvp = product(
  "hvp",
  (e, v, createGraph, strict) => {
    const vector = vectorOf(v, e.inputs, e.single, "input");
    const gradient = gradsOf([scalarOf("hvp", e)], e.inputs, null, true, strict);
    const probe = e.inputs.map((t) => zerosLike(t).detach().requiresGrad_());
    const double = gradsOf(gradient, e.inputs, probe, true, strict);
    return gradsOf(double, probe, vector, createGraph, strict);
  },
  "inputs",
);
