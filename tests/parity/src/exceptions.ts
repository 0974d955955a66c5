import type { ErrorSample, Sample } from "./samples.js";
import { isRecorded } from "./values.js";

/*
 * Where a recorded sample does not say what ours should do. Each entry has its reason.
 */

/** Operators that may name any of equal elements: their indices are held against the values they pick along the dimension given. */
export const freeIndices: Record<string, (sample: Sample) => number> = {
  topk: ({ args, kwargs }) => (args[2] ?? kwargs.dim ?? -1) as number,
  kthvalue: ({ args, kwargs }) => (args[2] ?? kwargs.dim ?? -1) as number,
};

/** Operators whose results are views of their first argument, laid out as PyTorch lays them out. */
export const views = new Set(
  "T mT as_strided broadcast_to chunk detach diagonal expand expand_as movedim narrow permute select split split_with_sizes squeeze swapaxes t transpose unbind unflatten unfold unsqueeze view view_as".split(
    " ",
  ),
);

const toInteger: Record<string, [least: number, largest: number]> = {
  int: [-(2 ** 31), 2 ** 31],
  long: [-(2 ** 63), 2 ** 63],
  short: [-(2 ** 15), 2 ** 15],
  char: [-128, 128],
  byte: [0, 256],
};

/** Why a sample is not run, or `null`. */
export function undefinedIn(op: string, sample: Sample): string | null {
  const [self] = sample.args;
  if (op === "logcumsumexp" && sample.dtype === "float32" && isRecorded(self) && self.data.includes(10000)) {
    return "PyTorch takes logarithms of gradients, which leaves three digits beside elements of 10000";
  }
  if (/^nn.functional.hard(tanh|shrink)$/.test(op) && sample.tag === "extremal") {
    return "PyTorch's gradient at NaN depends on where in its vector loop the element stands";
  }
  if (op === "polygamma" && sample.dtype === "float32" && sample.tag === "large") {
    return "PyTorch takes the sine of large multiples of π in float32, its gradient is off by a thousandth";
  }
  if (op === "unique" && sample.kwargs.sorted === false && sample.kwargs.dim === null) {
    const [first] = [sample.out].flat();
    if (isRecorded(first) && first.shape[0] > 1)
      return "PyTorch gives elements that are not to be sorted in the order of their hashes";
  }
  if (op === "linalg.householder_product" && sample.dtype === "float32" && sample.index === 6) {
    return "PyTorch's gradient is off by a ten-thousandth from its own in float64, with which ours agrees";
  }
  if (op === "linalg.norm" && sample.grad2?.grads[0].value?.data[0] === "nan") {
    return "PyTorch's second gradient of a norm at 0 is NaN, though the gradient is 0 there";
  }
  const range = toInteger[op];
  if (range && isRecorded(self) && self.dtype.startsWith("float")) {
    const outside = self.data.some((x) => typeof x === "string" || x <= range[0] - 1 || x >= range[1]);
    if (outside) return "conversion of numbers outside of the integers' range is undefined";
  }
  return null;
}

/** Operators of one tensor with poles at negative whole numbers, where PyTorch's results are as large as its π is inexact. */
const withPoles = new Set(["digamma", "polygamma"]);

/** The sample without the elements at poles. */
export function awayFromPoles(op: string, sample: Sample): Sample {
  const [self] = sample.args;
  if (!withPoles.has(op) || !isRecorded(self)) return sample;
  const count = self.data.length;
  const kept = Array.from(self.data, (x) => !(Number.isInteger(x) && (x as number) < 0));
  if (kept.every(Boolean)) return sample;
  const thinned = (_key: string, value: unknown): unknown => {
    if (!isRecorded(value) || value.data.length !== count) return value;
    const data = value.data.filter((_, i) => kept[i]);
    return { ...value, data, shape: [data.length], strides: undefined };
  };
  return JSON.parse(JSON.stringify(sample), thinned) as Sample;
}

/** Texts about what is not the same here: there is no `out`, and no list of overloads. */
export const textMatters = ({ kwargs, message }: ErrorSample): boolean =>
  !("out" in kwargs) && !message.includes("received an invalid combination of arguments");

/** Errors of Python's method lookup have no counterpart. */
export const withoutErrors = (op: string): boolean => op.startsWith("__");
