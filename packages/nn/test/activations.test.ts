import { autograd, manualSeed, ones, rand, type Tensor, tensor, zeros } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import * as nn from "../src/index.js";
import { camel, decodeOptions, decodeTensor, expectClose, fixture, type Recorded, weighted } from "./support.js";

interface Case {
  readonly name: string;
  readonly kwargs: Record<string, unknown>;
  readonly input: Recorded;
  readonly out: Recorded;
  readonly grad: Recorded;
  readonly second?: Recorded | null;
  readonly node?: string;
  readonly next?: Recorded;
}

const F = nn.functional;
// biome-ignore lint/suspicious/noExplicitAny: functions are named by data
const functions = F as any;
const recorded = fixture<Record<string, Case & { kind: string; printed: string[] }>>("activations");
const ofKind = (kind: string) => Object.entries(recorded).filter(([, c]) => c.kind === kind);

describe("activations against PyTorch", () => {
  it.each(ofKind("function"))("%s", (_, { name, kwargs, input, out, grad, second, node }) => {
    const f = functions[camel(name)];
    const x = decodeTensor(input).requiresGrad_();
    const y = f(x, decodeOptions(kwargs)) as Tensor;
    expectClose(y, out, "out");
    expect(y.gradFn?.name).toBe(node);
    const [g] = autograd.grad(weighted([y]), x, { createGraph: true });
    expectClose(g, grad, "gradient");
    if (second === null || second === undefined) return;
    const [gg] = g?.requiresGrad ? autograd.grad(weighted([g]), x, { allowUnused: true }) : [null];
    expectClose(gg ?? zeros(2, 4), second, "second gradient");
  });

  it.each(ofKind("function"))("%s overwrites its input", (_, { name, kwargs, input, out, grad }) => {
    const settings = decodeOptions(kwargs);
    const form = functions[`${camel(name)}_`];
    const flagged = ![
      "gelu",
      "softplus",
      "logsigmoid",
      "softsign",
      "tanhshrink",
      "hardshrink",
      "softshrink",
      "glu",
    ].includes(name);
    const forms = [
      ...(form
        ? [(x: Tensor) => (name === "threshold" ? form(x, settings.threshold, settings.value) : form(x, settings))]
        : []),
      ...(flagged ? [(x: Tensor) => functions[camel(name)](x, { ...settings, inplace: true })] : []),
    ];
    for (const overwrite of forms) {
      const leaf = decodeTensor(input).requiresGrad_();
      const x = leaf.mul(1);
      expect(overwrite(x)).toBe(x);
      expectClose(x, out, "out");
      weighted([x]).backward();
      expectClose(leaf.grad, grad, "gradient");
    }
    if (!flagged)
      expect(() => functions[camel(name)](zeros(2), { ...settings, inplace: true })).toThrow("unexpected keyword");
  });

  it.each(ofKind("drawn"))("%s", (_, { name, kwargs, input, out, grad, next }) => {
    for (const inplace of name.startsWith("gumbel") ? [false] : [false, true]) {
      const leaf = decodeTensor(input).requiresGrad_();
      const x = inplace ? leaf.mul(1) : leaf;
      manualSeed(7);
      const y = functions[camel(name)](x, { ...decodeOptions(kwargs), ...(inplace && { inplace }) }) as Tensor;
      if (inplace) expect(y).toBe(x);
      expectClose(y, out, "out");
      const [g] = autograd.grad(weighted([y]), leaf);
      expectClose(g, grad, "gradient");
      expectClose(rand(2), next, "what is drawn next");
    }
  });

  it("modules print their settings", () => {
    const made = [
      new nn.ReLU(),
      new nn.ReLU({ inplace: true }),
      new nn.ReLU6(),
      new nn.LeakyReLU(0.2),
      new nn.PReLU(),
      new nn.PReLU(4, 0.1),
      new nn.RReLU(),
      new nn.RReLU(0.1, 0.3, true),
      new nn.ELU(),
      new nn.CELU(0.5),
      new nn.SELU(),
      new nn.SELU(true),
      new nn.GELU(),
      new nn.SiLU(),
      new nn.Mish(),
      new nn.Softplus(),
      new nn.Softsign(),
      new nn.Tanhshrink(),
      new nn.LogSigmoid(),
      new nn.Hardtanh(),
      new nn.Hardsigmoid(),
      new nn.Hardswish(),
      new nn.Hardshrink(),
      new nn.Softshrink(0.25),
      new nn.Threshold(0.1, 20),
      new nn.GLU(),
      new nn.GLU(1),
      new nn.Softmax(1),
      new nn.Softmax2d(),
      new nn.Dropout1d(0.2),
      new nn.Dropout2d(),
      new nn.Dropout3d(0.2, true),
      new nn.AlphaDropout(),
      new nn.FeatureAlphaDropout(0.1),
    ];
    const inOurNames = (text: string): string =>
      text
        .replace(/\bTrue\b/g, "true")
        .replace(/\bFalse\b/g, "false")
        .replace(/\b[a-z]+(_[a-z]+)+\b/g, camel);
    expect(made.map(String)).toEqual(recorded.modules.printed.map(inOurNames));
  });
});

describe("activation modules", () => {
  const x = tensor([[-2, -0.5, 0.5, 2]]);

  it("compute what the functions compute", () => {
    const pairs: [nn.Module, (x: Tensor) => Tensor][] = [
      [new nn.CELU(0.5), (x) => F.celu(x, 0.5)],
      [new nn.SELU(), (x) => F.selu(x)],
      [new nn.Mish(), (x) => F.mish(x)],
      [new nn.Hardswish(), (x) => F.hardswish(x)],
      [new nn.Hardsigmoid(), (x) => F.hardsigmoid(x)],
      [new nn.ReLU6(), (x) => F.relu6(x)],
      [new nn.Threshold(0.1, 20), (x) => F.threshold(x, 0.1, 20)],
      [new nn.Hardshrink(1), (x) => F.hardshrink(x, 1)],
      [new nn.Softshrink(1), (x) => F.softshrink(x, 1)],
      [new nn.GLU(), (x) => F.glu(x)],
      [new nn.RReLU().eval(), (x) => F.leakyRelu(x, (1 / 8 + 1 / 3) / 2)],
      [new nn.AlphaDropout().eval(), (x) => x],
      [new nn.Dropout2d().eval(), (x) => x],
    ];
    for (const [module, f] of pairs) expect(module.forward(x).tolist(), String(module)).toEqual(f(x).tolist());
  });

  it("PReLU learns a slope for each channel", () => {
    const prelu = new nn.PReLU(2, 0.5);
    expect(Object.keys(prelu.stateDict())).toEqual(["weight"]);
    const y = prelu.forward(
      tensor([
        [
          [-1, -2],
          [-3, 4],
        ],
      ]),
    );
    expect(y.tolist()).toEqual([
      [
        [-0.5, -1],
        [-1.5, 4],
      ],
    ]);
    y.sum().backward();
    expect(prelu.weight.grad?.tolist()).toEqual([-3, -3]);
    expect(() => prelu.forward(ones(1, 3))).toThrow(
      "Mismatch of parameter numbers and input channel size. Found parameter numbers = 2 and channel size = 3.",
    );
  });

  it("Softmax2d goes over the channels", () => {
    expect(new nn.Softmax2d().forward(zeros(2, 4, 1, 1)).tolist()).toEqual(Array(2).fill(Array(4).fill([[0.25]])));
    expect(() => new nn.Softmax2d().forward(zeros(2))).toThrow("Softmax2d requires a 3D or 4D tensor as input");
  });

  it("bad settings are refused", () => {
    expect(() => F.celu(x, 0)).toThrow("alpha cannot be 0 for CELU");
    expect(() => F.softshrink(x, -1)).toThrow("lambda must be greater or equal to 0, but found to be -1.");
    expect(() => F.rrelu(x, 0.5, 0.1)).toThrow("Lower bound should be less than or equal to the upper bound");
    expect(() => F.glu(ones(3))).toThrow("Halving dimension must be even, but dimension 0 is size 3");
    expect(() => F.glu(tensor(1))).toThrow("glu does not support 0-dimensional tensors");
    expect(() => F.dropout1d(ones(2))).toThrow("dropout1d: Expected 2D or 3D input, but received a 1D input.");
    expect(() => F.dropout2d(ones(2))).toThrow("Feature dropout requires at least 2 dimensions in the input");
    expect(() => F.gelu(x, { approximate: "sin" as "tanh" })).toThrow(
      "approximate argument must be either none or tanh.",
    );
    expect(() => F.silu(ones(2, { dtype: "int32" }))).toThrow("floating point");
    for (const Dropping of [nn.Dropout1d, nn.Dropout3d, nn.AlphaDropout]) {
      expect(() => new Dropping(-1)).toThrow("dropout probability has to be between 0 and 1, but got -1");
    }
  });
});
