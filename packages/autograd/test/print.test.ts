import { readFileSync } from "node:fs";
import { getDevice } from "@kindling/storage";
import { afterEach, describe, expect, it } from "vitest";
import {
  arange,
  autograd,
  type DType,
  ones,
  type PrintOptions,
  rand,
  registerBackend,
  setPrintoptions,
  type Tensor,
  tensor,
  zeros,
} from "../src/index.js";

interface Case {
  dtype: string;
  shape: number[];
  data?: (number | string | boolean)[];
  arange?: number;
  scale?: number;
  requires_grad?: boolean;
  options?: Record<string, number | boolean>;
  text: string;
}

const cases = JSON.parse(readFileSync(new URL("./fixtures/print.json", import.meta.url), "utf8")) as Case[];

/** PyTorch's default integer is int64, ours int32: each prints without its dtype. */
const ours = (dtype: string): DType => (({ int64: "int32", int32: "int64" })[dtype] ?? dtype) as DType;

const inOurNames = (text: string): string =>
  text
    .replace(/dtype=torch\.(\w+)/g, (_, dtype) => `dtype=${ours(dtype)}`)
    .replace(/grad_fn/g, "gradFn")
    .replace(/requires_grad=True/g, "requiresGrad=true")
    .replace(/\bTrue\b/g, "true")
    .replace(/\bFalse\b/g, "false");

const special: Record<string, number> = { nan: NaN, inf: Infinity, "-inf": -Infinity, "-0": -0 };

function make({ dtype, shape, data, arange: n, scale = 1, requires_grad = false }: Case): Tensor {
  const values = data
    ? data.map((x) => special[x as string] ?? x)
    : Array.from({ length: n as number }, (_, i) => i * scale);
  return tensor(values as number[], { dtype: ours(dtype) })
    .reshape(shape)
    .requiresGrad_(requires_grad);
}

const camel = (options: Record<string, number | boolean>): PrintOptions =>
  Object.fromEntries(Object.entries(options).map(([k, v]) => [k === "sci_mode" ? "sciMode" : k, v]));

describe("printing", () => {
  afterEach(() => setPrintoptions({ precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 }));

  it.each(cases.map((c, i) => [i, c] as const))("prints case %i as PyTorch does", (_, c) => {
    if (c.options) setPrintoptions(camel(c.options));
    expect(make(c).toString()).toBe(inOurNames(c.text));
  });

  it("names the node, or says that a gradient is asked for", () => {
    const x = ones(2, { requiresGrad: true });
    expect(`${x}`).toBe("tensor([1., 1.], requiresGrad=true)");
    expect(`${x.mul(2)}`).toBe("tensor([2., 2.], gradFn=<MulBackward0>)");
    class F extends autograd.Function {
      static override forward(_ctx: unknown, a: Tensor): Tensor {
        return a.clone();
      }
      static override backward(_ctx: unknown, g: Tensor): Tensor {
        return g;
      }
    }
    expect(`${F.apply(x)}`).toBe("tensor([1., 1.], gradFn=<FBackward>)");
  });

  it("prints every digit of integers", () => {
    expect(`${tensor([2n ** 62n + 1n, -1n])}`).toBe("tensor([4611686018427387905,                  -1], dtype=int64)");
  });

  it("prints views in their own order, and leaves no trace in the graph", () => {
    const x = arange(6).reshape(2, 3);
    expect(`${x.t()}`).toBe("tensor([[0, 3],\n        [1, 4],\n        [2, 5]])");
    expect(`${x.at(":", "1:")}`).toBe("tensor([[1, 2],\n        [4, 5]])");
    const wide = zeros(1).expand(2000, 2000);
    expect(`${wide}`.split("\n")).toHaveLength(7);
  });

  it("reads only what it shows of a big tensor", () => {
    const x = rand(1000, 4000);
    const start = performance.now();
    for (let i = 0; i < 20; i++) x.toString();
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it("shows facts instead of elements where a device cannot be read at once", () => {
    const { backend } = getDevice("cpu");
    registerBackend("blind", () =>
      Object.assign(Object.create(backend), {
        capabilities: { ...backend.capabilities, syncRead: false },
        readSync: undefined,
      }),
    );
    const x = zeros(2, 3, { device: "blind", requiresGrad: true });
    const facts = "<not read>, shape=[2, 3], dtype=float32, device='blind'";
    expect(`${x}`).toBe(`tensor(${facts}, requiresGrad=true)`);
    expect(`${x.mul(2)}`).toBe(`tensor(${facts}, gradFn=<MulBackward0>)`);
  });

  it("refuses options that do not exist or make no sense", () => {
    expect(() => setPrintoptions({ digits: 3 } as PrintOptions)).toThrow(
      "setPrintoptions() got an unexpected keyword argument 'digits'",
    );
    expect(() => setPrintoptions({ edgeitems: 0 })).toThrow("setPrintoptions(): edgeitems cannot be 0");
  });
});
