import { autograd, type Tensor } from "@kindling/autograd";

/** What is computed on a device, from tensors made on the CPU and brought there. */
export type Program = (bring: (t: Tensor) => Tensor) => readonly Tensor[];

/** `|got − expected| ≤ atol + rtol·|expected|`, NaN where NaN is due. */
export function expectClose(what: string, got: readonly number[], expected: readonly number[], rtol: number): void {
  if (got.length !== expected.length) throw new Error(`${what}: ${got.length} elements for ${expected.length}`);
  // what rounds in sums of many terms counts by the size of the terms
  const scale = expected.reduce((top, x) => (Number.isFinite(x) ? Math.max(top, Math.abs(x)) : top), 0);
  expected.forEach((e, i) => {
    const same = Object.is(got[i], e) || got[i] === e || (Number.isNaN(e) && Number.isNaN(got[i]));
    if (same || Math.abs(got[i] - e) <= rtol * (Math.abs(e) + scale / 10)) return;
    throw new Error(`${what}: element ${i} is ${got[i]}, expected ${e}`);
  });
}

const flat = (t: Tensor): number[] => (t.reshape([-1]).tolist() as number[]).map(Number);

/** Runs the program on the CPU and on `device`, and compares all that it returns. */
export async function compare(device: string, program: Program, rtol = 2e-5): Promise<void> {
  const expected = program((t) => t);
  const got = program((t) => t.to(device));
  for (const [i, t] of got.entries()) {
    if (t.device !== device) throw new Error(`result ${i} is on '${t.device}'`);
    expectClose(`result ${i}`, flat(await t.detach().cpu()), flat(expected[i].detach()), rtol);
  }
}

/** The results of `forward`, and the gradients of all `inputs` when results get the gradients `grads`. */
export function withGradients(
  inputs: readonly Tensor[],
  forward: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
  weigh: (t: Tensor) => Tensor,
): Program {
  return (bring) => {
    const leaves = inputs.map((t) => {
      const leaf = bring(t.detach().clone());
      return leaf.dtype === "float32" ? leaf.requiresGrad_() : leaf;
    });
    const made = forward(...leaves);
    const results = Array.isArray(made) ? (made as readonly Tensor[]) : [made as Tensor];
    const tracked = leaves.filter((t) => t.requiresGrad);
    const gradOutputs = results.map((t) => bring(weigh(t)));
    return [...results, ...(autograd.grad(results, tracked, { gradOutputs }) as Tensor[])];
  };
}
