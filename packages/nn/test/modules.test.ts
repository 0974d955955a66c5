import { manualSeed } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import * as nn from "../src/index.js";
import {
  decode,
  decodeOptions,
  expectClose,
  expectExact,
  fixture,
  type Recorded,
  tensorsOf,
  weighted,
} from "./support.js";

interface Case {
  readonly class: string;
  readonly args: unknown[];
  readonly kwargs: Record<string, unknown>;
  readonly state: Record<string, Recorded>;
  readonly inputs: unknown[];
  readonly out: unknown;
  readonly inputGrads: (Recorded | null)[];
  readonly parameterGrads: Record<string, Recorded | null>;
  readonly buffers: Record<string, Recorded>;
}

// biome-ignore lint/suspicious/noExplicitAny: classes are named by data
const classes = nn as any;

describe("modules against PyTorch", () => {
  const { modules } = fixture<{ modules: Record<string, Case> }>("windows");
  const all = { ...fixture<Record<string, Case>>("modules"), ...modules };
  it.each(Object.entries(all))("%s", (_, recorded) => {
    manualSeed(0);
    const module = new classes[recorded.class](...recorded.args, decodeOptions(recorded.kwargs)) as nn.Module;
    const state = module.stateDict();
    expect(Object.keys(state)).toEqual(Object.keys(recorded.state));
    for (const [key, value] of Object.entries(recorded.state)) expectExact(state[key], value, key);

    module.double();
    const inputs = decode(recorded.inputs) as unknown[];
    const leaves = tensorsOf(inputs).filter((t) => t.isFloatingPoint());
    for (const leaf of leaves) leaf.requiresGrad_();
    manualSeed(1);
    const out = module.forward(...inputs);
    expectClose(out, recorded.out, "out");
    weighted(tensorsOf(out)).backward();
    recorded.inputGrads.forEach((value, i) => {
      expectClose(leaves[i].grad, value, `gradient of input ${i}`);
    });
    const parameters = module.namedParameters();
    expect(parameters.map(([name]) => name)).toEqual(Object.keys(recorded.parameterGrads));
    for (const [name, p] of parameters) expectClose(p.grad, recorded.parameterGrads[name], `gradient of ${name}`);
    for (const [name, buffer] of module.namedBuffers()) expectClose(buffer, recorded.buffers[name], name);
  });
});
