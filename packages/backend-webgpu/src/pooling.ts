import { type PoolLayout as Layout, numelOf, type Operand, type Storage, type View } from "@kindling/storage";
import { Params } from "./axes.js";
import { combining } from "./indexing.js";
import { math } from "./math.js";
import { fill } from "./pointwise.js";
import { runtimeOf } from "./runtime.js";
import { type Binding, elementOf, kernel } from "./wgsl.js";

/* Pooling of images: fast paths of autograd/src/ops/pooling.ts. A thread makes an element. */

const DIMS = ["n", "c", "y", "x"];

/** The numbers of a kernel that has a thread for each element of `of`, (N, C, H, W), and knows `n`, `c`, `y` and `x` of it. */
function imageParams(of: View, views: Readonly<Record<string, View>>, layout?: Layout): Params {
  const [, channels, height, width] = of.shape;
  const params = new Params().add({ count: numelOf(of.shape), channels, height, width });
  for (const name in views) {
    const { shape, strides, offset } = views[name];
    params.add({ [`start_${name}`]: offset, [`height_${name}`]: shape[2], [`width_${name}`]: shape[3] });
    for (let d = 0; d < 4; d++) params.add({ [`${name}_${DIMS[d]}`]: strides[d] });
  }
  if (layout) {
    for (const key of ["kernel", "stride", "padding", "dilation"] as const) {
      params.add({ [`${key}_y`]: layout[key][0], [`${key}_x`]: layout[key][1] });
    }
  }
  return params;
}

const POSITION = `
  if (index >= P.count) { return; }
  let x = index % P.width;
  let y = index / P.width % P.height;
  let c = index / (P.width * P.height) % P.channels;
  let n = index / (P.width * P.height * P.channels);`;

/** The place of an element of an image. */
const place = (name: string, y = "y", x = "x"): string =>
  `P.start_${name} + n * P.${name}_n + c * P.${name}_c + ${y} * P.${name}_y + ${x} * P.${name}_x`;

/** Statements for each element of `image` in the window of `y` and `x`, at `v` and `u`. */
const eachInWindow = (image: string, statements: string): string => `
  for (var j = 0u; j < P.kernel_y; j++) {
    let v = y * P.stride_y + j * P.dilation_y - P.padding_y;
    if (v >= P.height_${image}) { continue; }
    for (var i = 0u; i < P.kernel_x; i++) {
      let u = x * P.stride_x + i * P.dilation_x - P.padding_x;
      if (u >= P.width_${image}) { continue; }
      ${statements}
    }
  }`;

/** Statements for each window of `windows` that has the element at `y` and `x`; the window is at `v` and `u`. */
const eachWindow = (windows: string, statements: string): string => `
  for (var j = 0u; j < P.kernel_y; j++) {
    let from_y = y + P.padding_y - j * P.dilation_y;
    let v = from_y / P.stride_y;
    if (y + P.padding_y < j * P.dilation_y || from_y % P.stride_y != 0u || v >= P.height_${windows}) { continue; }
    for (var i = 0u; i < P.kernel_x; i++) {
      let from_x = x + P.padding_x - i * P.dilation_x;
      let u = from_x / P.stride_x;
      if (x + P.padding_x < i * P.dilation_x || from_x % P.stride_x != 0u || u >= P.width_${windows}) { continue; }
      ${statements}
    }
  }`;

function maxPool2d(values: View, indices: View | null, input: View, layout: Layout): void {
  const gpu = runtimeOf(values);
  const { dtype } = values.storage;
  const views: Record<string, View> = indices ? { values, input, indices } : { values, input };
  const params = imageParams(values, views, layout);
  const storages: Storage[] = indices ? [values.storage, indices.storage] : [values.storage];
  gpu.dispatch(
    `maxPool2d ${dtype}${indices ? " indices" : ""}`,
    () => {
      const { load, store } = elementOf(dtype);
      const outputs: Binding[] = [{ name: "values", dtype }];
      if (indices) outputs.push({ name: "indices", dtype: "int32" });
      return kernel({
        outputs,
        inputs: [{ name: "input", dtype }],
        params: params.names,
        declarations: math("is_nan", "inf"),
        body: `${POSITION}
  var best = -inf();
  var found = 0xffffffffu;
  ${eachInWindow(
    "input",
    `let value = ${load(`input[${place("input", "v", "u")}]`)};
      if (found == 0xffffffffu || value > best || (is_nan(value) && !is_nan(best))) {
        best = value;
        found = v * P.width_input + u;
      }`,
  )}
  values[${place("values")}] = ${store("best")};
  ${indices ? `indices[${place("indices")}] = i32(found);` : ""}`,
      });
    },
    [...storages, input.storage],
    params.words,
    gpu.grid(numelOf(values.shape)),
  );
}

function maxPool2dInput(out: View, grad: View, indices: View): void {
  fill(out, 0);
  const gpu = runtimeOf(out);
  const { dtype } = out.storage;
  const params = imageParams(grad, { out, grad, indices });
  gpu.dispatch(
    `maxPool2dInput ${dtype}`,
    () => {
      const { type, declarations } = combining(dtype, "sum");
      return kernel({
        outputs: [{ name: "out", dtype, type }],
        inputs: [
          { name: "grad", dtype },
          { name: "indices", dtype: "int32" },
        ],
        params: params.names,
        declarations,
        body: `${POSITION}
  let at = u32(indices[${place("indices")}]);
  if (at >= P.width_out * P.height_out) { return; }
  combine(${place("out", "(at / P.width_out)", "(at % P.width_out)")}, ${elementOf(dtype).load(`grad[${place("grad")}]`)});`,
      });
    },
    [out.storage, grad.storage, indices.storage],
    params.words,
    gpu.grid(numelOf(grad.shape)),
  );
}

/** The sums of windows, or of what windows give to an element; either way divided by the windows' divisors. */
const averaging = (name: string, input: boolean) => ({
  run(out: View, source: View, divisor: Operand, layout: Layout): void {
    const gpu = runtimeOf(out);
    const { dtype } = out.storage;
    const by = typeof divisor === "object" ? divisor : null;
    const views: Record<string, View> = by ? { out, source, divisor: by } : { out, source };
    const params = imageParams(out, views, layout).floats(by ? {} : { divisor: Number(divisor) });
    gpu.dispatch(
      `${name} ${dtype}${by ? " divisors" : ""}`,
      () => {
        const { load, store } = elementOf(dtype);
        const divided = (y: string, x: string): string =>
          by ? load(`divisor[${place("divisor", y, x)}]`) : "P.divisor";
        const value = load(`source[${place("source", "v", "u")}]`);
        return kernel({
          outputs: [{ name: "out", dtype }],
          inputs: [{ name: "source", dtype }, ...(by ? [{ name: "divisor", dtype }] : [])],
          params: params.names,
          body: `${POSITION}
  var sum = 0.0;
  ${input ? eachWindow("source", `sum += ${value} / ${divided("v", "u")};`) : eachInWindow("source", `sum += ${value};`)}
  out[${place("out")}] = ${store(input ? "sum" : `sum / ${divided("y", "x")}`)};`,
        });
      },
      [out, source, ...(by ? [by] : [])].map((view) => view.storage),
      params.words,
      gpu.grid(numelOf(out.shape)),
    );
  },
});

export const pooling = {
  maxPool2d: { float32: { run: maxPool2d } },
  maxPool2dInput: { float32: { run: maxPool2dInput } },
  avgPool2d: { float32: averaging("avgPool2d", false) },
  avgPool2dInput: { float32: averaging("avgPool2dInput", true) },
};
