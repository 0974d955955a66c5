import type { Tensor } from "@kindling/autograd";
import { tensor, zeros } from "@kindling/autograd";
import * as nn from "@kindling/nn";
import * as optim from "@kindling/optim";
import { describe, expect, it } from "vitest";
import { present, recording } from "../src/shared.js";
import { camel, leaf, type Recorded } from "../src/values.js";

type Options = Record<string, unknown>;

interface Recording {
  params0: Recorded[];
  grads_per_step: Recorded[][];
  optimizers: {
    name: string;
    class: string;
    kwargs: Options;
    params_after_step: Recorded[][];
    state_final_param0: Record<string, Recorded | number | "None">;
  }[];
  lbfgs: {
    name: string;
    fn: string;
    kwargs: Options;
    x0: number[];
    steps: { loss_returned: number; x: Recorded; evals_total: number }[];
  }[];
  clip: { max_norm: number; norm_type: number | "inf"; total_norm: number; grads_after: Recorded[] }[];
  schedulers: { name: string; kwargs: Options; base_lrs: number[]; lrs: number[][]; metrics: number[] | null }[];
}

interface Scheduler {
  step(metric?: number): void;
}

// biome-ignore lint/suspicious/noExplicitAny: names that come from data
const classes = optim as any;

/** `{ float: x }` is a Python float. */
const plain = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(plain) : ((value as { float?: number } | null)?.float ?? value);

const capital = (text: string): string => text[0].toUpperCase() + text.slice(1);

const optionsOf = (kwargs: Options): Options =>
  Object.fromEntries(
    Object.entries(kwargs).map(([key, value]) => [
      key.startsWith("T_") ? `T${capital(key.slice(2))}` : camel(key),
      plain(value),
    ]),
  );

function expectClose(actual: Tensor | number[], expected: readonly (number | string)[], tolerance: number): void {
  const values = Array.isArray(actual) ? actual : Array.from(actual.detach().toTypedArray(), Number);
  expect(values.length).toBe(expected.length);
  values.forEach((x, i) => {
    const y = Number(expected[i]);
    expect(Math.abs(x - y), `${x} is not ${y}`).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(y)));
  });
}

const functions: Record<string, (x: Tensor) => Tensor> = {
  rosenbrock(x) {
    const [head, tail] = [x.narrow(0, 0, 3), x.narrow(0, 1, 3)];
    return tail.sub(head.mul(head)).pow(2).mul(100).add(head.sub(1).pow(2)).sum();
  },
  quadratic(x) {
    const matrix = zeros(4, 4, { dtype: "float64" }).add(0.3);
    matrix.diagonal().add_(tensor([1, 2, 5, 10], { dtype: "float64" }));
    return matrix.mv(x).dot(x).mul(0.5).sub(x.sum());
  },
};

describe.runIf(present)("optimizers against PyTorch", () => {
  const all = present ? recording<Recording>("_optim") : null;
  if (all === null) return;

  for (const { name, class: Class, kwargs, params_after_step, state_final_param0 } of all.optimizers) {
    it(name, () => {
      const params = all.params0.map((p) => leaf(p).requiresGrad_());
      const optimizer = new classes[Class](params, optionsOf(kwargs));
      all.grads_per_step.forEach((grads, step) => {
        params.forEach((p, i) => {
          p.grad = leaf(grads[i]);
        });
        optimizer.step();
        params.forEach((p, i) => {
          expectClose(p, params_after_step[step][i].data, 1e-13);
        });
      });
      const state = optimizer.state.get(params[0]) ?? {};
      for (const [key, value] of Object.entries(state_final_param0)) {
        if (value === "None") expect(state[key] ?? null).toBeNull();
        else expectClose(state[key], typeof value === "number" ? [value] : (value as Recorded).data, 1e-13);
      }
    });
  }

  for (const { name, fn, kwargs, x0, steps } of all.lbfgs) {
    it(`${name} ${fn}`, () => {
      const x = tensor(x0, { dtype: "float64", requiresGrad: true });
      const optimizer = new optim.LBFGS([x], optionsOf(kwargs));
      let calls = 0;
      for (const step of steps) {
        const loss = optimizer.step(() => {
          calls++;
          optimizer.zeroGrad();
          const value = functions[fn](x);
          value.backward();
          return value.item();
        });
        expectClose([loss], [step.loss_returned], 1e-7);
        expectClose(x, step.x.data, 1e-7);
        expect(calls).toBe(step.evals_total);
      }
    });
  }

  const { lrScheduler } = optim;
  /** Functions and schedulers in options are recorded as text. */
  const made: Record<string, (optimizer: optim.Optimizer) => Scheduler> = {
    "0.95**epoch": (optimizer) => new lrScheduler.LambdaLR(optimizer, (epoch) => 0.95 ** epoch),
    "0.9": (optimizer) => new lrScheduler.MultiplicativeLR(optimizer, () => 0.9),
    "ConstantLR(0.1,3)": (optimizer) => new lrScheduler.ConstantLR(optimizer, 0.1, 3),
    "ExponentialLR(0.9)": (optimizer) => new lrScheduler.ExponentialLR(optimizer, 0.9),
  };

  function schedule(name: string, kwargs: Options, optimizer: optim.Optimizer): Scheduler {
    if (typeof kwargs.lambda === "string") return made[kwargs.lambda](optimizer);
    if (!Array.isArray(kwargs.schedulers)) return new classes.lrScheduler[name](optimizer, optionsOf(kwargs));
    const parts = kwargs.schedulers.map((text: string) => made[text](optimizer));
    return name === "ChainedScheduler"
      ? new classes.lrScheduler[name](parts)
      : new classes.lrScheduler[name](optimizer, parts, kwargs.milestones);
  }

  for (const { name, kwargs, base_lrs, lrs, metrics } of all.schedulers) {
    it(`${name} ${JSON.stringify(kwargs)}`, () => {
      const optimizer = new optim.SGD(base_lrs.map((lr) => ({ params: [zeros(1)], lr })));
      const scheduler = schedule(name, kwargs, optimizer);
      lrs.forEach((expected, epoch) => {
        if (epoch > 0) scheduler.step(...(metrics ? [metrics[epoch - 1]] : []));
        expectClose(
          optimizer.paramGroups.map((group) => group.lr),
          expected,
          1e-14,
        );
      });
    });
  }

  it("leaves out nothing that was recorded", () => {
    for (const { class: Class } of all.optimizers) expect(classes).toHaveProperty(Class);
    for (const { name } of all.schedulers) expect(classes.lrScheduler).toHaveProperty(name);
  });

  for (const { max_norm, norm_type, total_norm, grads_after } of all.clip) {
    it(`clipGradNorm_ with norm ${norm_type}`, () => {
      // the gradients of the first step
      const params = all.params0.map((p) => leaf(p).requiresGrad_());
      params.forEach((p, i) => {
        p.grad = leaf(all.grads_per_step[0][i]);
      });
      const total = nn.utils.clipGradNorm_(params, max_norm, Number(norm_type === "inf" ? Infinity : norm_type));
      expectClose([total.item()], [total_norm], 1e-14);
      params.forEach((p, i) => {
        expectClose(p.grad as Tensor, grads_after[i].data, 1e-14);
      });
    });
  }
});
