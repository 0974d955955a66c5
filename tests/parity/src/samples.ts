import { autograd, KindlingError, Tensor } from "@kindling/autograd";
import { freeIndices, textMatters, views } from "./exceptions.js";
import { type Call, inOurNames } from "./operators.js";
import { processOf } from "./processed.js";
import {
  decode,
  difference,
  type Found,
  isNothing,
  isRecorded,
  leaf,
  nothingFound,
  options,
  type Recorded,
} from "./values.js";

/** A value that belongs to a path of the call or of its result. */
interface At {
  readonly path: string;
  readonly value: Recorded | null;
}

export interface Sample {
  readonly dtype: string;
  readonly index: number;
  readonly tag?: string;
  readonly args: unknown[];
  readonly kwargs: Record<string, unknown>;
  readonly out: unknown;
  readonly mutated?: At[];
  readonly processed_out?: unknown;
  /** Source of the function that made `processed_out` of a result that is not unique; cotangents and gradients belong to that. */
  readonly process_src?: string;
  readonly cotangents?: At[];
  readonly grads?: At[];
  readonly grad2?: { readonly cotangents: At[]; readonly grads: At[] };
}

export interface ErrorSample {
  readonly args: unknown[];
  readonly kwargs: Record<string, unknown>;
  readonly exception: string;
  readonly message: string;
}

export interface Recording {
  readonly op: string;
  readonly has_method: boolean;
  readonly has_inplace: boolean;
  readonly samples: Sample[];
  readonly error_samples: ErrorSample[];
}

/** int64 that comes from no operand, and was not asked for, is int32 here. */
const dtypeHere = (dtype: string, found: Found): string =>
  dtype === "int64" && !found.dtypes.has("int64") ? "int32" : dtype;

function compare(ours: unknown, theirs: unknown, found: Found, path = "out"): string | null {
  if (isRecorded(theirs)) {
    const problem = difference(ours, theirs, dtypeHere(theirs.dtype, found));
    return problem && `${path}: ${problem}`;
  }
  if (Array.isArray(theirs)) {
    if (!Array.isArray(ours) || ours.length !== theirs.length) return `${path}: expected ${theirs.length} results`;
    for (const [i, item] of theirs.entries()) {
      const problem = compare(ours[i], item, found, `${path}[${i}]`);
      if (problem) return problem;
    }
    return null;
  }
  const plain = decode(theirs, path, nothingFound());
  return Object.is(ours, plain) ? null : `${path} is ${String(ours)}, expected ${String(plain)}`;
}

/** The result that a path such as `out` or `out[1]` names. */
const result = (out: unknown, path: string): Tensor =>
  [...path.matchAll(/\[(\d+)\]/g)].reduce((value, [, i]) => (value as unknown[])[Number(i)], out) as Tensor;

function compareGradients(grads: readonly (Tensor | null)[], expected: readonly At[], name: string): string | null {
  for (const [i, { path, value }] of expected.entries()) {
    const g = grads[i];
    if (value === null || g === null) {
      const recorded = value === null || value.data.every((x) => x === 0);
      if (recorded && isNothing(g)) continue;
      return `${name} of ${path} is ${g === null ? "absent" : "there"}`;
    }
    const problem = difference(g, value);
    if (problem) return `${name} of ${path}: ${problem}`;
  }
  return null;
}

/** Runs a sample; what differs, or `null`. */
export function check(call: Call, sample: Sample, op: string, ownLeaves = true): string | null {
  const found = nothingFound();
  if (op === "long") found.dtypes.add("int64");
  const args = decode(sample.args, "args", found) as unknown[];
  const kwargs = options(sample.kwargs, "kwargs", found);
  // in place: a leaf may not be written to
  const first = ownLeaves ? args[0] : (args[0] as Tensor).clone();
  const returned = call([first, ...args.slice(1)].slice(0, args.length), kwargs);
  const out = sample.process_src === undefined ? returned : processOf(sample.process_src)(returned);
  const expected = sample.processed_out ?? sample.out;
  const dimOf = op in freeIndices ? freeIndices[op] : null;
  const problem =
    dimOf !== null && args[0] instanceof Tensor
      ? comparePicked(args[0], out as Tensor[], expected as Recorded[], found, dimOf(sample))
      : compare(out, expected, found);
  return (
    problem ?? checkMutated(sample, found) ?? checkViews(op, first, out, expected) ?? checkGradients(out, sample, found)
  );
}

/** Arguments that the operator changes in place. */
function checkMutated({ mutated = [] }: Sample, found: Found): string | null {
  for (const { path, value } of mutated) {
    const problem = difference(found.tensors.get(path), value as Recorded);
    if (problem) return `${path} afterwards: ${problem}`;
  }
  return null;
}

/** Results that PyTorch makes without copying must share memory here, under the same strides. */
function checkViews(op: string, self: unknown, out: unknown, theirs: unknown): string | null {
  if (!views.has(op) || !(self instanceof Tensor)) return null;
  const outs = [out].flat() as Tensor[];
  for (const [i, recorded] of ([theirs].flat() as Recorded[]).entries()) {
    if (outs[i].storage !== self.storage) return `result ${i} is no view`;
    const { strides } = recorded;
    if (strides?.some((s, d) => recorded.shape[d] > 1 && s !== outs[i].strides[d])) {
      return `result ${i} has strides [${outs[i].strides}], expected [${strides}]`;
    }
  }
  return null;
}

/** `[values, indices]` where the indices may be those of any equal elements. */
function comparePicked(
  self: Tensor,
  [values, indices]: Tensor[],
  [theirs, positions]: Recorded[],
  found: Found,
  dim: number,
): string | null {
  const dtype = dtypeHere(positions.dtype, found);
  if (indices.dtype !== dtype) return `out[1]: dtype ${indices.dtype}, expected ${dtype}`;
  return (
    compare(values, theirs, found, "out[0]") ??
    compare(pickedBy(self, dim, indices), theirs, found, "what out[1] names")
  );
}

/** The elements that indices name which have the dimension, or have lost it. */
const pickedBy = (self: Tensor, dim: number, indices: Tensor): Tensor =>
  indices.ndim === self.ndim ? self.gather(dim, indices) : self.gather(dim, indices.unsqueeze(dim)).squeeze(dim);

function checkGradients(out: unknown, sample: Sample, found: Found): string | null {
  const { cotangents, grads, grad2 } = sample;
  if (cotangents === undefined || grads === undefined || cotangents.length === 0) return null;
  const outs = cotangents.map(({ path }) => result(out, path));
  const missing = outs.findIndex((t) => !t.requiresGrad);
  if (missing >= 0) return `${cotangents[missing].path} has no gradient`;
  const inputs = grads.map(({ path }) => found.tensors.get(path) as Tensor);
  const gradOutputs = cotangents.map(({ value }) => leaf(value as Recorded));
  const first = autograd.grad(outs, inputs, gradOutputs, { createGraph: grad2 !== undefined, allowUnused: true });
  const problem = compareGradients(first, grads, "gradient");
  if (problem !== null || grad2 === undefined) return problem;
  const again = grad2.cotangents.map(({ path }) => first[grads.findIndex((g) => g.path === path)] as Tensor);
  const known = again.flatMap((g, i) => (g?.requiresGrad ? [i] : []));
  const second =
    known.length === 0
      ? inputs.map(() => null)
      : autograd.grad(
          known.map((i) => again[i]),
          inputs,
          known.map((i) => leaf(grad2.cotangents[i].value as Recorded)),
          { allowUnused: true },
        );
  const asked = grad2.grads.map(({ path }) => second[grads.findIndex((g) => g.path === path)]);
  return compareGradients(asked, grad2.grads, "second gradient");
}

/** Makes a call that PyTorch refuses: ours has to refuse it as well, and to say the same. */
export function checkError(call: Call, sample: ErrorSample): string | null {
  const found = nothingFound();
  const theirs = inOurNames(sample.message.split("\n")[0]);
  try {
    call(decode(sample.args, "args", found) as unknown[], options(sample.kwargs, "kwargs", found));
  } catch (error) {
    if (!(error instanceof KindlingError)) return `threw ${String(error)}`;
    return error.message === theirs || !textMatters(sample) ? null : `says "${error.message}", expected "${theirs}"`;
  }
  return "did not throw";
}
