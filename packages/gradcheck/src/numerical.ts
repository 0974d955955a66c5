import { noGrad, type Tensor } from "@kindling/autograd";
import { Jacobian, valuesOf } from "./jacobian.js";
import { failures } from "./report.js";

/**
 * The Jacobians of `run`'s outputs by `input`, by central differences: (f(x + eps) − f(x − eps)) / 2 eps, one element of `input` at
 * a time. The elements are changed under the graph's feet, through `data`, and put back.
 * @param run evaluates the function at the present content of `input`; gives its floating point outputs
 * @returns one Jacobian for each output
 */
export function numericalJacobians(run: () => readonly Tensor[], input: Tensor, eps: number): Jacobian[] {
  const { data } = input;
  let jacobians: Jacobian[] | null = null;
  forEachElement(data, (entry, index, row) => {
    const original = entry.item();
    let low: Sample[];
    let high: Sample[];
    try {
      noGrad(() => entry.fill_(original - eps));
      low = run().map(sample);
      noGrad(() => entry.fill_(original + eps));
      high = run().map(sample);
    } finally {
      noGrad(() => entry.fill_(original));
    }
    jacobians ??= low.map(({ values, dtype }) => new Jacobian(input.numel(), values.length, dtype));
    jacobians.forEach((jacobian, i) => {
      jacobian.setRow(row, slopes(low[i], high[i], index, eps));
    });
  });
  return jacobians ?? run().map((out) => new Jacobian(0, out.numel(), out.dtype));
}

/** What is kept of an output: a copy of its values, since the output may be the input itself. */
type Sample = Pick<Tensor, "shape" | "dtype"> & { readonly values: ArrayLike<number> };

const sample = (out: Tensor): Sample => ({ shape: out.shape, dtype: out.dtype, values: valuesOf(out) });

function slopes(low: Sample, high: Sample, index: readonly number[], eps: number): Float64Array {
  const shapes = [low, high].map((s) => `[${s.shape.join(", ")}]`);
  if (shapes[0] !== shapes[1]) throw failures.unstableOutput("shape", index, eps, shapes[0], shapes[1]);
  if (low.dtype !== high.dtype) throw failures.unstableOutput("dtype", index, eps, low.dtype, high.dtype);
  return Float64Array.from(low.values, (a, i) => (high.values[i] - a) / (2 * eps));
}

/** Visits a tensor's elements in row-major order, each as a 0-dimensional view. */
function forEachElement(t: Tensor, visit: (entry: Tensor, index: readonly number[], count: number) => void): void {
  const index = t.shape.map(() => 0);
  const n = t.numel();
  for (let count = 0; count < n; count++) {
    const offset = index.reduce((sum, i, d) => sum + i * t.strides[d], t.offset);
    visit(t.asStrided([], [], offset), [...index], count);
    for (let d = t.ndim - 1; d >= 0 && ++index[d] === t.shape[d]; d--) index[d] = 0;
  }
}
