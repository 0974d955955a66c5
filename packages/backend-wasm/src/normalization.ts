import { numelOf, type View } from "@kindling/storage";
import { limits } from "./limits.js";
import { available } from "./memory.js";
import { overRows, type RowOperand, type Runs } from "./rows.js";

/* Layer and batch norm: fast paths of autograd/src/ops/normalization.ts. A channel of a batch is a row, gathered from its samples. */

/** How the rows lie: `rows` of `n` elements, and whether parameters have an element for each column, or for each row. */
interface Form {
  readonly rows: number;
  readonly n: number;
  readonly wide: boolean;
  readonly runs?: Runs;
}

const ofRows = ({ shape: [rows, n] }: View): Form => ({ rows, n, wide: true });
const ofChannels = ({ shape: [samples, rows, length] }: View): Form => ({
  rows,
  n: samples * length,
  wide: false,
  runs: { count: samples, stride: rows * length, length },
});

const forward = (form: (input: View) => Form) => {
  const entry = {
    accepts: (out: View) => numelOf(out.shape) >= limits.normalization && available(),
    run(out: View, mean: View, variance: View, input: View, weight: View | null, bias: View | null, eps: number): void {
      const { rows, n, wide, runs } = form(input);
      const [role, width] = wide ? (["shared", n] as const) : (["in", 1] as const);
      const operands: RowOperand[] = [
        { view: out, role: "out", width: n, runs },
        { view: mean, role: "out", width: 1 },
        { view: variance, role: "out", width: 1 },
        { view: input, role: "in", width: n, runs },
        { view: weight, role, width },
        { view: bias, role, width },
      ];
      overRows("normalize", rows, n, operands, [Number(wide), eps], 0.5);
    },
  };
  return { float32: entry, float64: entry };
};

const backward = (form: (input: View) => Form) => {
  const entry = {
    accepts: (_: View | null, _w: View | null, _b: View | null, grad: View) =>
      numelOf(grad.shape) >= limits.normalization && available(),
    run(
      gradInput: View | null,
      gradWeight: View | null,
      gradBias: View | null,
      grad: View,
      input: View,
      mean: View,
      variance: View,
      weight: View | null,
      eps: number,
    ): void {
      const { rows, n, wide, runs } = form(input);
      const width = wide ? n : 1;
      const sum = wide ? "sum" : "out";
      const operands: RowOperand[] = [
        { view: gradInput, role: "out", width: n, runs },
        { view: gradWeight, role: sum, width },
        { view: gradBias, role: sum, width },
        { view: grad, role: "in", width: n, runs },
        { view: input, role: "in", width: n, runs },
        { view: mean, role: "in", width: 1 },
        { view: variance, role: "in", width: 1 },
        { view: weight, role: wide ? "shared" : "in", width },
      ];
      overRows("normalizeBackward", rows, n, operands, [Number(wide), eps], 0.7);
    },
  };
  return { float32: entry, float64: entry };
};

export const normalization = {
  layerNorm: forward(ofRows),
  layerNormBackward: backward(ofRows),
  batchNorm: forward(ofChannels),
  batchNormBackward: backward(ofChannels),
};
