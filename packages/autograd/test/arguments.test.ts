import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  add,
  arange,
  clamp,
  DTypeError,
  einsum,
  flatten,
  full,
  ones,
  rand,
  randint,
  type Tensor,
  tensor,
  transpose,
  zeros,
} from "../src/index.js";

const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
const refused = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(ArgumentError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
};

describe("arguments", () => {
  it("come by position, by name, or both", () => {
    for (const y of [x.sum(1, true), x.sum(1, { keepdim: true }), x.sum({ dim: 1, keepdim: true }), x.sum([1], true)]) {
      expect(y.tolist()).toEqual([[6], [15]]);
    }
    expect(x.sum({ dim: [0, 1] }).item()).toBe(21);
    expect(add(x, x, { alpha: 2 }).tolist()).toEqual(x.mul(3).tolist());
    expect(clamp(x, { max: 2 }).tolist()).toEqual([
      [1, 2, 2],
      [2, 2, 2],
    ]);
    expect((transpose as (...args: unknown[]) => Tensor)(x, { dim0: 0, dim1: 1 }).shape).toEqual([3, 2]);
  });

  it("undefined is absent, null is None", () => {
    expect(x.sum(undefined).item()).toBe(21);
    expect(x.sum(null).item()).toBe(21);
    expect(x.sum({ dim: undefined, keepdim: undefined }).item()).toBe(21);
    expect(x.clamp(undefined, 2).tolist()).toEqual(x.clamp(null, 2).tolist());
    expect(x.softmax(1, undefined).shape).toEqual([2, 3]);
    expect(zeros(2, undefined as never).shape).toEqual([2]);
  });

  it("options may have no prototype; other objects are no options", () => {
    expect(x.sum(Object.assign(Object.create(null), { dim: 0 })).shape).toEqual([3]);
    class Options {
      dim = 0;
    }
    expect(() => x.sum(new Options() as never)).toThrow();
  });

  it("an unknown name, a value given twice, and too many are refused", () => {
    expect(refused(() => x.sum({ dims: 1 } as never))).toBe(
      "sum() got an unexpected keyword argument 'dims' (it knows dim, keepdim, dtype)",
    );
    expect(refused(() => x.sum(1, { dim: 0 }))).toBe("sum() got multiple values for argument 'dim'");
    expect(refused(() => (x.sum as (...args: unknown[]) => Tensor)(1, true, "float64"))).toContain(
      "positional arguments",
    );
    expect(refused(() => (x.transpose as (...args: unknown[]) => Tensor)(0))).toBe(
      "transpose() missing required argument: 'dim1'",
    );
    expect(refused(() => add(x, 1, { beta: 2 } as never))).toContain("unexpected keyword argument 'beta'");
  });

  it("sizes are given spread or as an array", () => {
    for (const y of [ones(2, 3), ones([2, 3]), ones(2, 3, { dtype: "float64" }), ones([2, 3], { dtype: "float64" })]) {
      expect(y.shape).toEqual([2, 3]);
    }
    expect(ones(2, 3, { dtype: "float64" }).dtype).toBe("float64");
    expect(ones().shape).toEqual([]);
    expect(ones([]).shape).toEqual([]);
    expect(rand(2, 3).shape).toEqual([2, 3]);
    expect(x.view(3, 2).shape).toEqual(x.view([3, 2]).shape);
    expect(x.permute(1, 0).shape).toEqual(x.permute([1, 0]).shape);
    expect(x.expand(2, 2, 3).shape).toEqual(x.expand([2, 2, 3]).shape);
    expect(randint(10, [3]).shape).toEqual([3]);
    expect(randint(2, 10, [3]).ge(2).all().item()).toBe(true);
    expect(arange(2, 8, 3).tolist()).toEqual([2, 5]);
    expect(einsum("ij,ij->", x, x).item()).toBe(91);
  });

  it("the caller's arrays stay the caller's", () => {
    const shape = [2, 3];
    const y = ones(shape);
    shape[0] = 7;
    expect(y.shape).toEqual([2, 3]);
    const data = new Float32Array([1, 2]);
    const t = tensor(data);
    data[0] = 9;
    expect(t.tolist()).toEqual([1, 2]);
    const copy = t.toTypedArray();
    copy[0] = 9;
    expect(t.tolist()).toEqual([1, 2]);
  });

  it("functions and methods are the same operator", () => {
    expect(add(x, 1).tolist()).toEqual(x.add(1).tolist());
    expect(refused(() => add(x, null as never))).toContain("must be Tensor or number, not null");
    expect(refused(() => (add as (...args: unknown[]) => Tensor)([1], x))).toContain("argument 'self'");
  });

  it("JavaScript's operators print, compute a number, or are refused", () => {
    expect(`${tensor([1, 2])}`).toBe("tensor([1., 2.])");
    expect(Number(tensor(3))).toBe(3);
    expect(Math.sqrt(tensor(9) as unknown as number)).toBe(3);
    expect(() => (x as unknown as number) + 1).toThrow("x.add(y)");
    expect(() => Number(x)).toThrow("a Tensor with 6 elements cannot be converted to Scalar");
  });
});

describe("what an argument must be", () => {
  it.each<[() => unknown, string]>([
    [() => flatten([x] as never), "flatten(): argument 'self' (position 1) must be Tensor, not array"],
    [() => flatten("x" as never), "flatten(): argument 'self' (position 1) must be Tensor, not string"],
    [() => x.sum(0, 1 as never), "sum(): argument 'keepdim' must be boolean, not number"],
    [() => x.sum({ keepdim: "yes" as never }), "sum(): argument 'keepdim' must be boolean, not string"],
    [() => x.sort(0, null as never), "sort(): argument 'descending' must be boolean, not null"],
    [() => x.sum("a" as never), "argument 'dim' must be number or array of numbers, not string"],
    [() => x.max({ keepdim: true } as never), "max(): keepdim needs a dim"],
    [() => full([2], "a" as never), "full(): argument 'fillValue' must be number, not string"],
    [() => zeros(2, { requiresGrad: 1 as never }), "zeros(): argument 'requiresGrad' must be boolean, not number"],
  ])("%#", (call, text) => {
    expect(refused(call)).toContain(text);
  });

  it("dtypes are names that exist", () => {
    for (const call of [() => x.sum({ dtype: "float" as never }), () => zeros(2, { dtype: "float" as never })]) {
      expect(call).toThrow(DTypeError);
      expect(call).toThrow("unknown dtype 'float'");
    }
  });

  it("the other operand of max and min may be named", () => {
    expect(x.max({ other: tensor([3, 3, 3]) }).tolist()).toEqual([
      [3, 3, 3],
      [4, 5, 6],
    ]);
  });

  it("shared arrays are copied: a size changed afterwards changes no tensor", () => {
    const size = [2, 3];
    const made = [
      zeros(size),
      full(size, 1),
      zeros(6).reshape(size),
      zeros(3).expand(size),
      zeros(6).asStrided(size, [3, 1]),
    ];
    size[0] = 7;
    for (const t of made) expect(t.shape).toEqual([2, 3]);
  });
});
