import { arange, cat, type DType, linspace, profile, randn, type Tensor, tensor, where } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import { plain, withoutLimits } from "./support.js";

withoutLimits();

const floats = ["float32", "float64"] as const;
const numbers = (t: Tensor): ArrayLike<number> => t.toTypedArray() as ArrayLike<number>;

/** That two tensors have the same elements, signs of zeros and NaN included. */
function same(ours: Tensor, theirs: Tensor): void {
  const [x, y] = [numbers(ours), numbers(theirs)];
  expect(x.length).toBe(y.length);
  for (let i = 0; i < x.length; i++) if (!Object.is(x[i], y[i])) expect([i, x[i]]).toEqual([i, y[i]]);
}

/** Distance of neighbouring numbers of the dtype at `y`. */
function ulp(y: number, dtype: DType): number {
  const [least, bits] = dtype === "float32" ? [2 ** -126, 23] : [2 ** -1022, 52];
  return 2 ** (Math.floor(Math.log2(Math.max(Math.abs(y), least))) - bits);
}

/** Every 100,003rd float32, the ends of ranges, and a dense sample of the middle. */
function arguments32(): Tensor {
  const bits = Int32Array.from({ length: 42949 }, (_, i) => (i * 100_003) | 0);
  const special = [0, -0, NaN, Infinity, -Infinity, 1, -1, 1e-45, -1e-45, 1e-38, 3.4e38, -3.4e38, 88.72284, 88.7229];
  const ends = [-87.4, -103.9, -103.98, -104, -150, 2 ** 24, 2 ** 25, 2 ** 28, -(2 ** 28) - 32, 1e10, 0.5, 1.5, 2.5];
  return cat([tensor(new Float32Array(bits.buffer)), tensor([...special, ...ends]), linspace(-9, 9, 50_001)]);
}

/** Units in the last place that float32 and float64 may be off the reference, which computes in double. */
const bounds: Record<string, [number, number]> = {
  neg: [0, 0],
  abs: [0, 0],
  sign: [0, 0],
  floor: [0, 0],
  ceil: [0, 0],
  round: [0, 0],
  trunc: [0, 0],
  sqrt: [0.5, 0.5],
  exp: [1, 2],
  expm1: [1.5, 3],
  log: [1, 2],
  log1p: [1.5, 2],
  tanh: [2.3, 4],
  sigmoid: [2.3, 4],
  erf: [1.2, 4],
  sin: [1.6, 0],
  cos: [1.6, 0],
};

const call = (x: Tensor, name: string): Tensor => (x as unknown as Record<string, () => Tensor>)[name]();

describe("functions of one argument", () => {
  it.each(Object.keys(bounds))("%s", (name) => {
    for (const [i, dtype] of floats.entries()) {
      const x = arguments32().to(dtype);
      const ours = numbers(call(x, name));
      const double = x.to("float64").to(plain);
      // the plain sigmoid has no subnormal results
      const e = double.exp();
      const reference = call(double, name);
      const theirs = numbers(name === "sigmoid" ? where(double.lt(0), e.div(e.add(1)), reference) : reference);
      let worst = 0;
      for (let k = 0; k < ours.length; k++) {
        const expected = dtype === "float32" ? Math.fround(theirs[k]) : theirs[k];
        if (Object.is(ours[k], expected)) continue;
        const error = Math.abs(ours[k] - theirs[k]) / ulp(theirs[k], dtype);
        // a zero has its sign, NaN and infinities are exact
        if (!(error > 0) || !Number.isFinite(error)) expect([k, numbers(x)[k], ours[k]]).toEqual([k, NaN, expected]);
        worst = Math.max(worst, error);
      }
      expect(worst).toBeLessThanOrEqual(bounds[name][i]);
    }
  });

  it("isnan", () => {
    for (const dtype of floats) {
      const x = arguments32().to(dtype);
      same(x.isnan(), x.to(plain).isnan());
    }
  });
});

/** Operands of one shape in layouts of every kind. */
const layouts: Record<string, (dtype: DType, rows: number, columns: number) => Tensor> = {
  flat: (dtype, r, c) => randn([r, c], { dtype }),
  "at an offset": (dtype, r, c) => randn([r + 1, c], { dtype }).narrow(0, 1, r),
  row: (dtype, _, c) => randn([c], { dtype }),
  column: (dtype, r) => randn([r, 1], { dtype }),
  "strided column": (dtype, r) => randn([r, 3], { dtype }).narrow(1, 1, 1),
  "one number": (dtype) => randn([1, 1], { dtype }),
  transposed: (dtype, r, c) => randn([c, r], { dtype }).t(),
  "part of transposed": (dtype, r, c) =>
    randn([c, r + 2], { dtype })
      .narrow(1, 1, r)
      .t(),
  gaps: (dtype, r, c) => randn([r, c + 5], { dtype }).narrow(1, 2, c),
  "every second": (dtype, r, c) =>
    randn([r, 2 * c], { dtype })
      .unflatten(1, [c, 2])
      .select(2, 1),
};
const sizes = [
  [1, 1],
  [3, 5],
  [37, 53],
  [2, 17_001],
  [6001, 3],
  [70, 257],
];

describe("layouts", () => {
  const there = (x: Tensor) => x.to(plain);
  describe.each(Object.keys(layouts))("%s", (one) => {
    it.each(Object.keys(layouts))("and %s", (other) => {
      for (const dtype of floats) {
        for (const [r, c] of sizes) {
          const a = layouts[one](dtype, r, c);
          const b = layouts[other](dtype, r, c);
          same(a.sub(b), there(a).sub(there(b)));
          same(a.gt(b), there(a).gt(there(b)));
          const condition = b.gt(0);
          same(where(condition, a, 0), where(there(condition), there(a), 0));
          same(where(condition, a, b), where(there(condition), there(a), there(b)));
        }
      }
    });
    it("alone", () => {
      for (const dtype of floats) {
        for (const [r, c] of sizes) {
          const a = layouts[one](dtype, r, c);
          same(a.neg(), there(a).neg());
          same(a.expand(2, 3, r, -1).abs(), there(a).expand(2, 3, r, -1).abs());
        }
      }
    });
  });

  it("takes operands of three and four dimensions", () => {
    for (const dtype of floats) {
      const x = randn([3, 4, 5, 90], { dtype });
      for (const y of [
        randn([4, 1, 1], { dtype }),
        randn([4, 5, 1], { dtype }),
        randn([3, 1, 5, 90], { dtype }),
        randn([90, 5, 4, 3], { dtype }).permute(3, 2, 1, 0),
        randn([3, 4, 90, 5], { dtype }).transpose(2, 3),
      ]) {
        same(x.mul(y), there(x).mul(there(y)));
        same(y.div(x), there(y).div(there(x)));
      }
    }
  });
});

describe("functions of two arguments", () => {
  const special = [0, -0, 1, -1, 2.5, NaN, Infinity, -Infinity, 1e-45, 3e38];
  const pairs = (dtype: DType): [Tensor, Tensor] => {
    const n = special.length;
    const x = tensor(special, { dtype });
    return [x.repeatInterleave(n), x.repeat(n)];
  };
  const names = ["add", "sub", "mul", "div", "maximum", "minimum", "eq", "ne", "lt", "le", "gt", "ge"];
  it.each(names)("%s", (name) => {
    const apply = (a: Tensor, b: Tensor | number) =>
      (a as unknown as Record<string, (b: Tensor | number) => Tensor>)[name](b);
    for (const dtype of floats) {
      const [a, b] = pairs(dtype);
      same(apply(a, b), apply(a.to(plain), b.to(plain)));
      if (name.endsWith("mum")) continue;
      for (const s of special) {
        same(apply(a, s), apply(a.to(plain), s));
      }
    }
  });

  it("numbers on the left", () => {
    const x = arange(1, 5000, { dtype: "float32" });
    same(tensor(3).sub(x), tensor(3).to(plain).sub(x.to(plain)));
    same(x.reciprocal(), x.to(plain).reciprocal());
    same(x.expand(3, -1).clone().rsub(1), x.to(plain).expand(3, -1).clone().rsub(1));
  });

  it.each([2, 3, 0.5, -1])("powers of %d", (exponent) => {
    for (const dtype of floats) {
      const x = cat([randn(5000, { dtype }), tensor(special, { dtype })]);
      const ours = numbers(x.pow(exponent));
      const theirs = numbers(x.to(plain).pow(exponent));
      for (let i = 0; i < ours.length; i++) {
        if (Object.is(ours[i], theirs[i])) continue;
        expect(Math.abs(ours[i] - theirs[i]) / ulp(theirs[i], dtype)).toBeLessThanOrEqual(2);
      }
    }
  });
});

it("computes in place", () => {
  for (const dtype of floats) {
    const x = randn([40_000], { dtype });
    const y = x.clone();
    x.add_(1).mul_(x).exp_();
    same(x, y.add(1).mul(y.add(1)).exp());
    const z = randn([50, 70], { dtype });
    const w = z.clone();
    z.sub_(z.clone().mean(1, true)).mul_(2);
    same(z, w.sub(w.mean(1, true)).mul(2));
  }
});

it("makes relu one kernel", () => {
  const x = randn(5000);
  expect(profile(() => x.relu()).rows.map((row) => [row.name, row.calls])).toEqual([["binary.maximum", 1]]);
});

it("copies transposed views", () => {
  for (const dtype of floats) {
    for (const [r, c] of sizes) {
      const x = randn([r, c + 1], { dtype }).narrow(1, 1, c);
      same(x.t().contiguous(), x.to(plain).t().contiguous());
      const y = randn([3, r, c], { dtype });
      same(y.permute(0, 2, 1).contiguous(), y.to(plain).permute(0, 2, 1).contiguous());
      same(y.permute(2, 0, 1).contiguous(), y.to(plain).permute(2, 0, 1).contiguous());
      same(y.permute(2, 1, 0).contiguous(), y.to(plain).permute(2, 1, 0).contiguous());
    }
  }
});
