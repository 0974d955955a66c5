import {
  autograd,
  init,
  manualSeed,
  randn,
  recurrences,
  recurrentLayer,
  registerBackend,
  registerKernels,
  setNumThreads,
  type Tensor,
} from "@kindling/autograd";
import { createCpuBackend } from "@kindling/backend-cpu";
import { limits } from "@kindling/backend-wasm";
import type { Primitives } from "@kindling/storage";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";

/*
 * Recurrent layers where a provider above the WebAssembly kernels makes products: on one thread the walk hands them over step by step.
 */

let calls = 0;
const reference = createCpuBackend();
const run: Primitives["matmul"] = (...args) => {
  calls++;
  reference.matmul(...args);
};
registerBackend("plain", createCpuBackend);
registerKernels(
  "cpu",
  { name: "products", kernels: { matmul: { float32: { run }, float64: { run } } } },
  { priority: 20 },
);

beforeAll(async () => {
  setNumThreads(1);
  await init("plain");
});
beforeEach(() => {
  calls = 0;
  limits.recurrentStep = 0;
});

function outcome(kind: keyof typeof recurrences, device: string, sizes: readonly number[], reverse: boolean): Tensor[] {
  manualSeed(7);
  const recurrence = recurrences[kind];
  const [wide, hidden] = [recurrence.gates * 9, 9];
  const rows = sizes.reduce((a, b) => a + b, 0);
  const of = (...shape: number[]): Tensor => randn(shape, { dtype: "float64" }).mul(0.5).to(device).requiresGrad_();
  const state = Array.from({ length: recurrence.states }, () => of(sizes[0], hidden));
  const [x, weightIh, weightHh, biasIh, biasHh] = [of(rows, 4), of(wide, 4), of(wide, hidden), of(wide), of(wide)];
  const weights = { weightIh, weightHh, biasIh, biasHh };
  const { output, state: last } = recurrentLayer(recurrence, x, sizes, state, weights, reverse);
  const loss = [output, ...last]
    .map((t, i) =>
      t
        .mul(i + 1)
        .square()
        .sum(),
    )
    .reduce((a, b) => a.add(b));
  const grads = autograd.grad(loss, [x, weightIh, weightHh, biasIh, biasHh, ...state]);
  return [output.detach(), ...last.map((t) => t.detach()), ...grads];
}

describe.each(["rnnTanh", "rnnRelu", "lstm", "gru"] as const)("%s", (kind) => {
  it.each([
    [[4, 4, 4], false],
    [[4, 4, 4], true],
    [[5, 3, 3, 1], false],
    [[5, 3, 3, 1], true],
  ] as const)("over steps of %j sequences, reverse: %s", (sizes, reverse) => {
    const got = outcome(kind, "cpu", sizes, reverse);
    expect(calls).toBeGreaterThanOrEqual(2 * sizes.length);
    const wanted = outcome(kind, "plain", sizes, reverse);
    got.forEach((t, i) => {
      const off = t.sub(wanted[i].to("cpu")).abs().max().item();
      expect(off, `result ${i}`).toBeLessThan(1e-11);
    });
  });
});
