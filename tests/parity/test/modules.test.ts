import { autograd, empty, isTensor, manualSeed, type Tensor } from "@kindling/autograd";
import * as nn from "@kindling/nn";
import { describe, expect, it } from "vitest";
import { present, recording } from "../src/shared.js";
import {
  decode,
  difference,
  isNothing,
  isRecorded,
  leaf,
  nothingFound,
  options,
  type Recorded,
} from "../src/values.js";

interface Step {
  readonly out: unknown;
  readonly cotangents: unknown;
  readonly input_grads: (Recorded | null)[];
  readonly param_grads: Record<string, Recorded | null>;
  readonly buffers_after: Record<string, Recorded>;
}

interface RecordedModule {
  readonly name: string;
  readonly class: string;
  readonly ctor_args: unknown[];
  readonly ctor_kwargs: Record<string, unknown>;
  readonly train: boolean;
  readonly state_dict: Record<string, Recorded>;
  readonly inputs: unknown[];
  readonly call_kwargs: Record<string, unknown>;
  readonly steps: Step[];
}

// biome-ignore lint/suspicious/noExplicitAny: classes are named by data
const classes = nn as any;

/** Tensors of nested results, in order. */
const flat = (value: unknown): Tensor[] =>
  isTensor(value) ? [value] : Array.isArray(value) ? value.flatMap(flat) : [];
const flatRecorded = (value: unknown): Recorded[] =>
  isRecorded(value) ? [value] : Array.isArray(value) ? value.flatMap(flatRecorded) : [];

function build({ class: name, ctor_args, ctor_kwargs, state_dict, train }: RecordedModule): nn.Module {
  const found = nothingFound();
  const args = decode(ctor_args, "args", found) as unknown[];
  const module = new classes[name](...args, { ...options(ctor_kwargs, "kwargs", found) }).to("float64") as nn.Module;
  expect(Object.keys(module.stateDict())).toEqual(Object.keys(state_dict));
  module.loadStateDict(Object.fromEntries(Object.entries(state_dict).map(([key, value]) => [key, leaf(value)])));
  return module.train(train);
}

function compare(ours: Tensor | null, theirs: Recorded | null, name: string): string[] {
  if (theirs === null || ours === null) return isNothing(ours) && theirs === null ? [] : [`${name}: one is absent`];
  const problem = difference(ours, theirs);
  return problem === null ? [] : [`${name}: ${problem}`];
}

function runStep(module: nn.Module, recorded: RecordedModule, step: Step): string[] {
  const found = nothingFound();
  const inputs = decode(recorded.inputs, "args", found) as unknown[];
  const leaves = flat(inputs).map((t) => (t.isFloatingPoint() ? t.requiresGrad_() : t));
  const kwargs = options(recorded.call_kwargs, "kwargs", found);
  const outs = flat(module.forward(...inputs, ...(Object.keys(kwargs).length > 0 ? [kwargs] : [])));
  const expected = flatRecorded(step.out);
  const problems = expected.flatMap((value, i) => compare(outs[i], value, `out[${i}]`));
  module.zeroGrad();
  const differentiable = outs.filter((t) => t.requiresGrad);
  const gradTensors = flatRecorded(step.cotangents).map(leaf);
  autograd.backward(differentiable, gradTensors);
  problems.push(...step.input_grads.flatMap((value, i) => compare(leaves[i].grad, value, `gradient of input ${i}`)));
  for (const [name, parameter] of module.namedParameters()) {
    problems.push(...compare(parameter.grad, step.param_grads[name] ?? null, `gradient of ${name}`));
  }
  const state = module.stateDict();
  for (const [name, value] of Object.entries(step.buffers_after)) problems.push(...compare(state[name], value, name));
  return problems;
}

describe.runIf(present)("modules against PyTorch", () => {
  const all = present ? recording<{ modules: RecordedModule[] }>("_modules").modules : [];
  const here = all.filter((m) => m.class in classes);

  it.each(here.map((m) => [m.name, m] as const))("%s", (_, recorded) => {
    const module = build(recorded);
    const problems = recorded.steps.flatMap((step) => runStep(module, recorded, step));
    expect(problems, problems.join("\n")).toHaveLength(0);
  });

  it("lists what is not there yet", () => {
    const missing = [...new Set(all.filter((m) => !here.includes(m)).map((m) => m.class))];
    console.log(`modules not yet: ${missing.join(", ")}`);
  });
});

describe.runIf(present)("random numbers of modules against PyTorch", () => {
  type Stream = Record<string, Recorded | Record<string, Recorded>>;
  const streams = present ? recording<{ cpu_mt19937: Record<string, Stream> }>("_random").cpu_mt19937 : {};

  const modules: Record<string, () => nn.Module> = {
    Linear3x4: () => new nn.Linear(3, 4),
    Conv2d2x3k3: () => new nn.Conv2d(2, 3, 3),
    LSTM2x3: () => new nn.LSTM(2, 3),
    Embedding4x3: () => new nn.Embedding(4, 3),
  };
  const inits: Record<string, (t: Tensor) => Tensor> = {
    init_xavier_uniform_: nn.init.xavierUniform_,
    init_xavier_normal_: nn.init.xavierNormal_,
    init_kaiming_uniform_: nn.init.kaimingUniform_,
    init_kaiming_normal_: nn.init.kaimingNormal_,
    init_trunc_normal_: nn.init.truncNormal_,
  };

  it.each(Object.entries(streams))("seed %s", (seed, stream) => {
    for (const [name, make] of Object.entries(modules)) {
      manualSeed(BigInt(seed));
      const state = make().stateDict();
      for (const [key, value] of Object.entries(stream[name]))
        expect(compare(state[key], value, `${name}.${key}`)).toEqual([]);
    }
    for (const [name, init] of Object.entries(inits)) {
      const expected = stream[name] as Recorded;
      manualSeed(BigInt(seed));
      expect(compare(init(empty(expected.shape)), expected, name)).toEqual([]);
    }
  });
});
