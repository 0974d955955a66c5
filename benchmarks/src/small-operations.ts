import { noGrad, randn, type Tensor } from "kindling";
import { median, type Row, seconds } from "./measure.js";

/* Ten-element operations with gradient, and chains of a thousand of them: the cost of recurrent nets on short sequences. */

export function smallOperations(): Row[] {
  const a = randn(10, { requiresGrad: true });
  const b = randn(10, { requiresGrad: true });
  const rows: Row[] = [];
  const single = (name: string, call: () => void): void => {
    rows.push({ name, value: seconds(call) * 1e6, unit: "µs" });
  };
  single("add 10", () => a.add(b));
  single("mul 10", () => a.mul(b));
  single("tanh 10", () => a.tanh());
  single("add 10 noGrad", () => noGrad(() => a.add(b)));
  const chains: Record<string, (y: Tensor) => Tensor> = {
    add: (y) => y.add(b),
    mul: (y) => y.mul(b),
    tanh: (y) => y.tanh(),
  };
  for (const [name, step] of Object.entries(chains)) rows.push(...chain(name, step, a, b));
  return rows;
}

function chain(name: string, step: (y: Tensor) => Tensor, a: Tensor, b: Tensor, length = 1000): Row[] {
  const forward: number[] = [];
  const backward: number[] = [];
  for (let round = 0; round < 40; round++) {
    const start = performance.now();
    let y = a;
    for (let i = 0; i < length; i++) y = step(y);
    const built = performance.now();
    const loss = y.sum();
    const ready = performance.now();
    loss.backward();
    backward.push((performance.now() - ready) / length);
    forward.push((built - start) / length);
    a.grad = null;
    b.grad = null;
  }
  const row = (pass: string, times: number[]): Row => ({
    name: `chain 1000 ${name} ${pass}`,
    value: median(times.slice(10)) * 1000,
    unit: "µs per operation",
  });
  return [row("forward", forward), row("backward", backward)];
}
