import { numelOf, type Storage, type View } from "@kindling/storage";
import { Params } from "./axes.js";
import { at, overRows } from "./rows.js";
import { runtimeOf } from "./runtime.js";
import { sumUp } from "./sums.js";
import { elementOf, kernel } from "./wgsl.js";

/* Layer and batch norm: fast paths of autograd/src/ops/normalization.ts. */

type Forward = [
  out: View,
  mean: View,
  variance: View,
  input: View,
  weight: View | null,
  bias: View | null,
  eps: number,
];
type Backward = [
  gradInput: View | null,
  gradWeight: View | null,
  gradBias: View | null,
  grad: View,
  input: View,
  mean: View,
  variance: View,
  weight: View | null,
  eps: number,
];

/** Those of the views that there are. */
function present(views: Readonly<Record<string, View | null>>): Record<string, View> {
  const found: Record<string, View> = {};
  for (const name in views) {
    const view = views[name];
    if (view !== null) found[name] = view;
  }
  return found;
}

/** ` · weight + bias`, as far as they are there, of what lies at `i` in them. */
const parameters = (weight: View | null, bias: View | null, i: string): string =>
  `${weight ? ` * ${at("weight", i)}` : ""}${bias ? ` + ${at("bias", i)}` : ""}`;

/** Which parameters there are, for the name of a kernel. */
const named = (name: string, ...views: readonly (View | null)[]): string =>
  `${name}${views.map((view) => (view ? "+" : "-")).join("")}`;

function layerNorm(...[out, mean, variance, input, weight, bias, eps]: Forward): void {
  overRows({
    name: named("layerNorm", weight, bias),
    dtype: out.storage.dtype,
    views: { out, input },
    dim: 1,
    writes: { means: mean, variances: variance },
    reads: present({ weight, bias }),
    numbers: { eps },
    reductions: [
      { name: "mean", step: "sum", of: "input", becomes: "mean / f32(P.length)" },
      { name: "variance", step: "sum", of: "(input - mean) * (input - mean)", becomes: "variance / f32(P.length)" },
    ],
    result: `(input - mean) * inverseSqrt(variance + P.eps)${parameters(weight, bias, "i")}`,
    after: `${at("means", "row")} = mean; ${at("variances", "row")} = variance;`,
  });
}

function layerNormBackward(
  ...[gradInput, gradWeight, gradBias, grad, input, mean, variance, weight, eps]: Backward
): void {
  if (gradInput !== null) {
    const scaled = weight ? `grad * ${at("weight", "i")}` : "grad";
    const normal = "(input - mean) * scale";
    overRows({
      name: named("layerNormBackward", weight),
      dtype: grad.storage.dtype,
      views: { out: gradInput, grad, input },
      dim: 1,
      reads: present({ means: mean, variances: variance, weight }),
      numbers: { eps },
      before: `let mean = ${at("means", "row")}; let scale = inverseSqrt(${at("variances", "row")} + P.eps);`,
      reductions: [
        { name: "total", step: "sum", of: scaled, becomes: "total / f32(P.length)" },
        { name: "along", step: "sum", of: `${scaled} * ${normal}`, becomes: "along / f32(P.length)" },
      ],
      result: `(${scaled} - total - ${normal} * along) * scale`,
    });
  }
  parameterGradients("layerNormSums", gradWeight, gradBias, grad, input, mean, variance, eps, [0], "r");
}

/** The sums of `grad · normalised input` and of `grad`, as far as they are wanted; statistics are those of `i`. */
function parameterGradients(
  name: string,
  gradWeight: View | null,
  gradBias: View | null,
  grad: View,
  input: View,
  mean: View,
  variance: View,
  eps: number,
  dims: readonly number[],
  i: string,
): void {
  const sums: [View, string][] = [];
  const normal = `(input - ${at("means", i)}) * inverseSqrt(${at("variances", i)} + P.eps)`;
  if (gradWeight !== null) sums.push([gradWeight, `grad * ${normal}`]);
  if (gradBias !== null) sums.push([gradBias, "grad"]);
  if (sums.length === 0) return;
  const reads = { means: mean, variances: variance };
  sumUp({
    name: named(name, gradWeight, gradBias),
    views: { grad, input },
    dims,
    reads,
    numbers: { eps },
    sums,
    factor: 1,
  });
}

/** Computes `out` (N, C, L) element by element of contiguous views of its shape and of vectors (C), of which `c` is the place. */
function overChannels(
  name: string,
  out: View,
  views: Readonly<Record<string, View>>,
  vectors: Readonly<Record<string, View>>,
  numbers: Readonly<Record<string, number>>,
  result: string,
): void {
  const gpu = runtimeOf(out);
  const { dtype } = out.storage;
  const n = numelOf(out.shape);
  const params = new Params().add({ n, channels: out.shape[1], length: out.shape[2], start_out: out.offset });
  const inputs = Object.entries({ ...views, ...vectors });
  for (const [key, view] of inputs) params.add({ [`start_${key}`]: view.offset });
  params.floats(numbers);
  gpu.dispatch(
    `${name} ${dtype}`,
    () => {
      const { load, store } = elementOf(dtype);
      return kernel({
        outputs: [{ name: "out", dtype }],
        inputs: inputs.map(([key]) => ({ name: key in views ? `${key}_all` : key, dtype })),
        params: params.names,
        body: `
  if (index >= P.n) { return; }
  let c = index / P.length % P.channels;
  ${Object.keys(views)
    .map((key) => `let ${key} = ${load(`${key}_all[P.start_${key} + index]`)};`)
    .join(" ")}
  ${at("out", "index")} = ${store(result)};`,
      });
    },
    [out, ...inputs.map(([, view]) => view)].map((view) => view.storage),
    params.words,
    gpu.grid(n),
  );
}

const NORMAL = `(input - ${at("means", "c")}) * inverseSqrt(${at("variances", "c")} + P.eps)`;

function batchNorm(...[out, mean, variance, input, weight, bias, eps]: Forward): void {
  const factor = 1 / (input.shape[0] * input.shape[2]);
  const centered = `(input - ${at("means", "o")})`;
  const [views, dims] = [{ input }, [0, 2]];
  sumUp({ name: "batchNorm.mean", views, dims, sums: [[mean, "input"]], factor });
  sumUp({
    name: "batchNorm.variance",
    views,
    dims,
    reads: { means: mean },
    sums: [[variance, `${centered} * ${centered}`]],
    factor,
  });
  const vectors = present({ means: mean, variances: variance, weight, bias });
  overChannels(
    named("batchNorm", weight, bias),
    out,
    views,
    vectors,
    { eps },
    `${NORMAL}${parameters(weight, bias, "c")}`,
  );
}

function batchNormBackward(
  ...[gradInput, gradWeight, gradBias, grad, input, mean, variance, weight, eps]: Backward
): void {
  const gpu = runtimeOf(grad);
  const { dtype, device } = grad.storage;
  const scratch: Storage[] = [];
  const vector = (given: View | null): View | null => {
    if (given !== null || gradInput === null) return given;
    const storage = gpu.scratch(device, dtype, mean.shape[0]);
    scratch.push(storage);
    return { storage, shape: mean.shape, strides: [1], offset: 0 };
  };
  const [alongs, totals] = [vector(gradWeight), vector(gradBias)];
  parameterGradients("batchNormSums", alongs, totals, grad, input, mean, variance, eps, [0, 2], "o");
  if (gradInput !== null) {
    const mean1 = (sums: string): string => `${at(sums, "c")} * P.factor`;
    overChannels(
      named("batchNormBackward", weight),
      gradInput,
      { grad, input },
      present({ means: mean, variances: variance, alongs, totals, weight }),
      { eps, factor: 1 / (grad.shape[0] * grad.shape[2]) },
      `(grad - ${mean1("totals")} - ${NORMAL} * ${mean1("alongs")}) * inverseSqrt(${at("variances", "c")} + P.eps)${parameters(weight, null, "c")}`,
    );
  }
  for (const storage of scratch) gpu.release(storage);
}

export const normalizations = {
  layerNorm: { float32: { run: layerNorm } },
  layerNormBackward: { float32: { run: layerNormBackward } },
  batchNorm: { float32: { run: batchNorm } },
  batchNormBackward: { float32: { run: batchNormBackward } },
};
