import { arange, autograd, cos, noGrad, stack, type Tensor } from "@kindling/autograd";
import { expect } from "vitest";
import { type Nested, type Place, thrown } from "./place.js";

type Argument = number | readonly number[] | { readonly v: string };
type Step = readonly [
  mode: "grad" | "noGrad",
  target: string | readonly string[],
  operator: string,
  ...args: Argument[],
];

/** A program of fixtures/programs.py, with what PyTorch makes of it. */
export interface Program {
  readonly inputs: Record<string, { shape: number[]; data: number[]; requiresGrad: boolean }>;
  readonly steps: readonly Step[];
  /** Text of the error that the last step throws. */
  readonly error?: string;
  /** Of every variable: values, version, `requiresGrad`, `isLeaf`. */
  readonly state: Record<string, [values: number[], version: number, requiresGrad: boolean, isLeaf: boolean]>;
  /** Variables that must not be looked at any more, their base having changed. */
  readonly unknown: readonly string[];
  readonly outputs: readonly string[];
  readonly wrt: readonly string[];
  /** Text of the error that backward throws. */
  readonly backwardError?: string;
  readonly grads: readonly (number[] | null)[];
  readonly leaves: readonly string[];
  readonly seconds: readonly (number[] | null)[];
}

type Environment = Record<string, Tensor>;
type Methods = Record<string, (...args: unknown[]) => Tensor | Tensor[]>;

function runStep(env: Environment, [mode, target, operator, ...args]: Step): void {
  const given = args.map((a) => (typeof a === "object" && "v" in a ? env[a.v] : a));
  const [self, ...rest] = given;
  const call = (): Tensor | Tensor[] =>
    operator === "stack" ? stack(given as Tensor[]) : (self as unknown as Methods)[operator](...rest);
  const result = mode === "noGrad" ? noGrad(call) : call();
  if (typeof target !== "string") {
    target.forEach((name, i) => {
      env[name] = (result as Tensor[])[i];
    });
  } else if (target !== "") env[target] = result as Tensor;
}

/** Steps as text, to name a program. */
export const title = ({ steps, error, backwardError }: Program): string =>
  steps
    .map(([mode, target, operator, ...args]) => {
      const shown = args.map((a) => (typeof a === "object" && "v" in a ? a.v : JSON.stringify(a)));
      const left = target === "" ? "" : `${[target].flat().join(", ")} = `;
      return `${left}${shown[0]}.${operator}(${shown.slice(1).join(", ")})${mode === "noGrad" ? " outside" : ""}`;
    })
    .join("; ") + (error ? "; throws" : backwardError ? "; backward throws" : "");

/** PyTorch's text with this library's names. */
const ours = (text: string): string =>
  text
    .replace("torch.DoubleTensor", "DoubleTensor")
    .replaceAll("no_grad", "noGrad")
    .replace("torch::autograd::", "")
    .replace("torch.autograd.set_detect_anomaly(True)", "autograd.setDetectAnomaly(true)")
    .replaceAll("DoubleTensor", "Tensor");

const theirs = (text: string): string => text.replace(/\[(Double|Float)Tensor/, "[Tensor");

const weighted = (at: Place, t: Tensor, k: number): Tensor =>
  t.mul(cos(arange(t.numel(), at.options).mul(0.7).add(k)).reshape(t.shape)).sum();

const total = (terms: readonly Tensor[]): Tensor => terms.reduce((a, b) => a.add(b));

/** Runs a program and expects all that PyTorch found. */
export async function check(at: Place, program: Program): Promise<void> {
  const env: Environment = {};
  for (const [name, { shape, data, requiresGrad }] of Object.entries(program.inputs)) {
    env[name] = at.tensor(data).reshape(shape).clone().requiresGrad_(requiresGrad);
  }
  const last = program.error === undefined ? null : program.steps[program.steps.length - 1];
  for (const step of program.steps) if (step !== last) runStep(env, step);
  if (last !== null) {
    expect(theirs(thrown(() => runStep(env, last)).message)).toBe(ours(program.error as string));
    return;
  }
  for (const [name, [values, version, requiresGrad, isLeaf]] of Object.entries(program.state)) {
    const t = env[name];
    await at.close(t, values);
    expect([name, t.version, t.requiresGrad, t.isLeaf]).toEqual([name, version, requiresGrad, isLeaf]);
  }
  for (const name of program.unknown) expect(() => env[name].gradFn).toThrow("has been modified inplace");

  const loss = total(program.outputs.map((name, i) => weighted(at, env[name], i)));
  const wrt = program.wrt.map((name) => env[name]);
  const backward = () => autograd.grad(loss, wrt, { retainGraph: true, allowUnused: true });
  if (program.backwardError !== undefined) {
    expect(theirs(thrown(backward).message)).toBe(ours(program.backwardError));
    return;
  }
  const grads = backward();
  for (const [i, want] of program.grads.entries()) await closeOrAbsent(at, grads[i], want);

  const leaves = program.leaves.map((name) => env[name]);
  const firsts = autograd.grad(loss, leaves, { createGraph: true, allowUnused: true });
  const bent = firsts.flatMap((g, i) => (g?.requiresGrad ? [weighted(at, g.sin(), i)] : []));
  const seconds = bent.length > 0 ? autograd.grad(total(bent), leaves, { allowUnused: true }) : leaves.map(() => null);
  for (const [i, want] of program.seconds.entries()) {
    // a derivative of 0 may be zeros, or absent
    if (seconds[i] !== null) await at.close(seconds[i], want ?? new Array(leaves[i].numel()).fill(0), 10);
    else expect((want ?? []).every((x) => x === 0)).toBe(true);
  }
}

async function closeOrAbsent(at: Place, grad: Tensor | null, want: Nested | null): Promise<void> {
  if (want === null) expect(grad).toBeNull();
  else await at.close(grad, want, 10);
}
