import { broadcastShapes, type DType, dtypeInfo, isFloat, isInteger } from "@kindling/storage";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arange, cat, type Index, slice, stack, type Tensor, tensor, where } from "../src/index.js";

/*
 * Random shapes, views, indices and values against plain code on nested arrays. A failure prints its seed, with which
 * `fc.assert(…, { seed, path })` repeats it.
 */

const check = <T extends unknown[]>(arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> }, body: (...args: T) => void) =>
  fc.assert(fc.property(...(arbitraries as [fc.Arbitrary<unknown>]), body as never), { numRuns: 150 });

// ------------------------------------------------------------------------------------------ the plain counterpart

/** Elements in row-major order, and sizes. */
interface Plain {
  readonly shape: readonly number[];
  readonly values: readonly (number | bigint | boolean)[];
}

const plainOf = (t: Tensor): Plain => ({
  shape: [...t.shape],
  values: t.tolist() === null ? [] : [t.tolist()].flat(64),
});
const numel = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** All positions of a shape, in row-major order. */
function positions(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>((all, n) => all.flatMap((p) => Array.from({ length: n }, (_, i) => [...p, i])), [[]]);
}

const elementAt = ({ shape, values }: Plain, position: readonly number[]): number | bigint | boolean =>
  values[position.reduce((flat, i, d) => flat * shape[d] + i, 0)];

/** A tensor of `shape` whose element at each position is `f(position)`. */
const build = (shape: readonly number[], f: (position: number[]) => number | bigint | boolean): Plain => ({
  shape,
  values: positions(shape).map(f),
});

/** The position in an operand that broadcasting reads for a position of the result. */
const broadcastPosition = (shape: readonly number[], position: readonly number[]): number[] =>
  shape.map((n, d) => (n === 1 ? 0 : position[position.length - shape.length + d]));

const same = (got: Tensor, want: Plain): void => {
  const plain = plainOf(got);
  expect(plain.shape).toEqual([...want.shape]);
  // toBe tells NaN from numbers and -0 from 0
  plain.values.forEach((v, i) => {
    expect(typeof v === "bigint" ? v : Number(v)).toBe(
      typeof v === "bigint" ? BigInt(want.values[i]) : Number(want.values[i]),
    );
  });
};

// ---------------------------------------------------------------------------------------------------- generators

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
const element = fc.oneof(
  fc.integer({ min: -9, max: 9 }),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0.5),
);

/** Ways to lay a tensor out that leave its elements as they are. */
const layouts: readonly ((t: Tensor) => Tensor)[] = [
  (t) => t,
  (t) =>
    t
      .permute(t.shape.map((_, d) => t.ndim - 1 - d))
      .contiguous()
      .permute(t.shape.map((_, d) => t.ndim - 1 - d)),
  (t) => stack([t, t.add(1)], -1).select(-1, 0),
  (t) =>
    cat([t.reshape(-1), t.reshape(-1)])
      .at(`${t.numel()}:`)
      .view(t.shape),
];
const filledWith =
  (values: fc.Arbitrary<number>, options: { dtype?: DType } = {}) =>
  (shape: readonly number[]) =>
    fc
      .tuple(fc.array(values, { minLength: numel(shape), maxLength: numel(shape) }), fc.constantFrom(...layouts))
      .map(([flat, lay]) => lay(tensor(flat, { dtype: "float64", ...options }).reshape(shape)));
const filled = filledWith(element);
const tensors = shapes.chain(filled);

/** Two shapes that broadcast: sizes dropped or set to 1 in either. */
const broadcasting = shapes.chain((shape) => {
  const part = fc
    .tuple(fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }), fc.nat(shape.length))
    .map(([ones, from]) => shape.map((n, d) => (ones[d] ? 1 : n)).slice(from));
  return fc.tuple(part, part).chain(([a, b]) => fc.tuple(filled(a), filled(b)));
});

// --------------------------------------------------------------------------------------------------- properties

describe("broadcasting", () => {
  it.each<[string, (a: Tensor, b: Tensor) => Tensor, (a: number, b: number) => number | boolean]>([
    ["add", (a, b) => a.add(b), (a, b) => a + b],
    ["mul", (a, b) => a.mul(b), (a, b) => a * b],
    ["sub with the operands exchanged", (a, b) => b.sub(a), (a, b) => b - a],
    ["maximum", (a, b) => a.maximum(b), (a, b) => Math.max(a, b)],
    ["lt", (a, b) => a.lt(b), (a, b) => a < b],
    ["where", (a, b) => where(a.gt(0), a, b), (a, b) => (a > 0 ? a : b)],
  ])("%s", (name, op, plain) => {
    check([broadcasting], ([a, b]) => {
      const [pa, pb] = [plainOf(a), plainOf(b)];
      const want = build(broadcastShapes(a.shape, b.shape), (p) =>
        plain(
          elementAt(pa, broadcastPosition(pa.shape, p)) as number,
          elementAt(pb, broadcastPosition(pb.shape, p)) as number,
        ),
      );
      // which zero the larger of two zeros is, is nobody's promise
      same(name === "maximum" ? op(a, b).add(0) : op(a, b), name === "maximum" ? plus0(want) : want);
    });
  });
});
const plus0 = ({ shape, values }: Plain): Plain => ({ shape, values: values.map((v) => (v as number) + 0) });

describe("views", () => {
  it("permute", () => {
    const cases = tensors.chain((t) =>
      fc.tuple(fc.constant(t), fc.shuffledSubarray([...t.shape.keys()], { minLength: t.ndim, maxLength: t.ndim })),
    );
    check([cases], ([t, order]) => {
      const plain = plainOf(t);
      const shape = order.map((d) => t.shape[d]);
      same(
        t.permute(order),
        build(shape, (p) =>
          elementAt(
            plain,
            plain.shape.map((_, d) => p[order.indexOf(d)]),
          ),
        ),
      );
    });
  });

  it("at numbers, slices, ellipsis and new dimensions", () => {
    const bound = fc.option(fc.integer({ min: -5, max: 5 }), { nil: null });
    const one = (n: number): fc.Arbitrary<Index> =>
      fc.oneof(
        fc.tuple(bound, bound, fc.integer({ min: 1, max: 3 })).map(([a, b, step]) => slice(a, b, step)),
        ...(n > 0 ? [fc.integer({ min: -n, max: n - 1 })] : []),
      );
    const cases = tensors.chain((t) =>
      fc.tuple(fc.constant(t), fc.tuple(...t.shape.map(one)), fc.nat(t.ndim), fc.boolean()),
    );
    check([cases], ([t, all, known, fresh]) => {
      const indices = all.slice(0, known);
      const plain = plainOf(t);
      // what each dimension reads: one position, or several
      const reads = t.shape.map((n, d) => {
        const index = indices[d];
        if (typeof index === "number") return index < 0 ? index + n : index;
        const numbers = Array.from({ length: n }, (_, i) => i);
        if (index === undefined) return numbers;
        const { start, stop, step } = index as ReturnType<typeof slice>;
        const part = numbers.slice(start ?? 0, stop ?? n);
        return part.filter((_, i) => i % step === 0);
      });
      const shape = reads.flatMap((r) => (Array.isArray(r) ? [r.length] : []));
      const want = build(shape, (p) => {
        const rest = [...p];
        return elementAt(
          plain,
          reads.map((r) => (Array.isArray(r) ? r[rest.shift() as number] : r)),
        );
      });
      same(t.at(...indices, "..."), want);
      if (fresh) same(t.at(null, ...indices), { ...want, shape: [1, ...shape] });
    });
  });

  it("writes through a view are seen by what it is a view of, and nowhere else", () => {
    const cases = shapes
      .filter((s) => numel(s) > 0 && s.length > 0)
      .chain((shape) => fc.tuple(fc.constant(shape), fc.nat(shape[0] - 1), fc.constantFrom(...layouts)));
    check([cases], ([shape, row, lay]) => {
      const t = lay(arange(numel(shape)).reshape(shape));
      t.at(row).fill_(-1);
      const inner = numel(shape.slice(1));
      same(
        t,
        build(shape, (p) =>
          p[0] === row ? -1 : p[0] * inner + p.slice(1).reduce((f, i, d) => f * shape[d + 1] + i, 0),
        ),
      );
    });
  });

  it("reshape, view and flatten keep the order of elements", () => {
    check([tensors], (t) => {
      const { values } = plainOf(t);
      same(t.reshape(-1, 1), { shape: [values.length, 1], values });
      same(t.flatten(), { shape: [values.length], values });
      same(t.contiguous().view(values.length), { shape: [values.length], values });
    });
  });
});

describe("indexing by lists and masks", () => {
  it("picks what it names", () => {
    const cases = tensors
      .filter((t) => t.ndim > 0 && t.shape[0] > 0)
      .chain((t) => {
        const n = t.shape[0];
        return fc.tuple(fc.constant(t), fc.array(fc.integer({ min: -n, max: n - 1 }), { maxLength: 6 }));
      });
    check([cases], ([t, list]) => {
      const plain = plainOf(t);
      const n = t.shape[0];
      const want = build([list.length, ...t.shape.slice(1)], ([i, ...p]) =>
        elementAt(plain, [(list[i] + n) % n, ...p]),
      );
      same(t.at(list), want);
      same(t.at(tensor(list, { dtype: "int64" })), want);
      same(
        t.t === undefined
          ? t
          : t.indexSelect(
              0,
              tensor(
                list.map((i) => (i + n) % n),
                { dtype: "int32" },
              ),
            ),
        want,
      );
    });
  });

  it("selects where a mask is true, and writes there", () => {
    check([tensors], (t) => {
      const { shape, values } = plainOf(t);
      const mask = t.gt(0);
      const chosen = values.filter((v) => (v as number) > 0);
      same(t.at(mask), { shape: [chosen.length], values: chosen });
      same(t.clone().setAt(mask, 7), { shape, values: values.map((v) => ((v as number) > 0 ? 7 : v)) });
    });
  });
});

describe("reductions", () => {
  const whole = shapes
    .chain(filledWith(fc.integer({ min: -9, max: 9 })))
    .chain((t) => fc.tuple(fc.constant(t), fc.subarray([...t.shape.keys()]), fc.boolean()));
  it.each<[string, (t: Tensor, dims: number[], keep: boolean) => Tensor, (values: number[]) => number]>([
    ["sum", (t, dims, keep) => t.sum(dims, keep), (v) => v.reduce((a, b) => a + b, 0)],
    ["amax", (t, dims, keep) => t.amax(dims, keep), (v) => Math.max(...v)],
    ["amin", (t, dims, keep) => t.amin(dims, keep), (v) => Math.min(...v)],
  ])("%s", (name, op, plain) => {
    check([whole], ([t, dims, keep]) => {
      const over = dims.length === 0 ? [...t.shape.keys()] : dims; // no dimension is all of them
      if (name !== "sum" && t.numel() === 0) return; // an error
      const source = plainOf(t);
      const kept = t.shape.map((n, d) => (over.includes(d) ? 1 : n));
      const inner = positions(over.map((d) => t.shape[d]));
      const { values } = build(kept, (p) =>
        plain(
          inner.map(
            (q) =>
              elementAt(
                source,
                p.map((i, d) => (over.includes(d) ? q[over.indexOf(d)] : i)),
              ) as number,
          ),
        ),
      );
      same(op(t, dims, keep), { shape: keep ? kept : t.shape.filter((_, d) => !over.includes(d)), values });
    });
  });

  it("sort, argsort and cumsum along a dimension", () => {
    check([shapes.filter((s) => s.length > 0).chain(filledWith(fc.integer({ min: -9, max: 9 })))], (t) => {
      if (t.numel() === 0) return;
      const rows = t.reshape(-1, t.shape[t.ndim - 1]).tolist() as number[][];
      const [values, indices] = t.sort();
      expect(values.reshape(rows.length, -1).tolist()).toEqual(
        rows.map((r) => [...r].sort((a, b) => a - b).map((v) => v + 0)),
      );
      expect(t.gather(-1, indices).tolist()).toEqual(values.tolist());
      const sums = rows.map((r) => r.map((_, i) => r.slice(0, i + 1).reduce((x, y) => x + y, 0)));
      expect(t.cumsum(-1).reshape(rows.length, -1).tolist()).toEqual(sums);
    });
  });
});

describe("promotion", () => {
  const dtypes = fc.constantFrom(...(Object.keys(dtypeInfo) as DType[]));
  const rank = (dtype: DType): number => dtypeInfo[dtype].category;

  it("is symmetric, and holds both: never a lower category, never a narrower width of the same one", () => {
    check([dtypes, dtypes], (a, b) => {
      const [x, y] = [tensor([1], { dtype: a }), tensor([1], { dtype: b })];
      const result = x.maximum(y).dtype;
      expect(y.maximum(x).dtype).toBe(result);
      expect(rank(result)).toBe(Math.max(rank(a), rank(b)));
      for (const d of [a, b]) {
        if (rank(d) === rank(result)) expect(dtypeInfo[result].bytes).toBeGreaterThanOrEqual(dtypeInfo[d].bytes);
      }
    });
  });

  it("a number changes the dtype only where its category is higher", () => {
    check([dtypes, fc.constantFrom(2, 2.5, true)], (dtype, value) => {
      const result = tensor([1], { dtype }).mul(value as number).dtype;
      if (isFloat(dtype) || value === true || (value === 2 && isInteger(dtype))) expect(result).toBe(dtype);
      else expect(result).toBe(value === 2 ? "int32" : "float32");
    });
  });
});

describe("int64 is exact", () => {
  const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const wrap = (v: bigint): bigint => BigInt.asIntN(64, v);
  const floorDiv = (a: bigint, b: bigint): bigint => a / b - (a % b !== 0n && a < 0n !== b < 0n ? 1n : 0n);
  const values = fc.array(
    fc.tuple(
      long,
      long.filter((v) => v !== 0n),
    ),
    { minLength: 1, maxLength: 6 },
  );

  it.each<[string, (a: Tensor, b: Tensor) => Tensor, (a: bigint, b: bigint) => bigint | boolean]>([
    ["add", (a, b) => a.add(b), (a, b) => wrap(a + b)],
    ["add with alpha", (a, b) => a.add(b, { alpha: 3 }), (a, b) => wrap(a + 3n * b)],
    ["sub", (a, b) => a.sub(b), (a, b) => wrap(a - b)],
    ["mul", (a, b) => a.mul(b), (a, b) => wrap(a * b)],
    ["truncated division", (a, b) => a.div(b, { roundingMode: "trunc" }), (a, b) => wrap(a / b)],
    ["floorDivide", (a, b) => a.floorDivide(b), (a, b) => wrap(floorDiv(a, b))],
    ["remainder", (a, b) => a.remainder(b), (a, b) => a - b * floorDiv(a, b)],
    ["fmod", (a, b) => a.fmod(b), (a, b) => a % b],
    ["maximum", (a, b) => a.maximum(b), (a, b) => (a > b ? a : b)],
    ["bitwiseXor", (a, b) => a.bitwiseXor(b), (a, b) => a ^ b],
    ["lt", (a, b) => a.lt(b), (a, b) => a < b],
    ["eq", (a, b) => a.eq(b), (a, b) => a === b],
    ["where", (a, b) => where(a.gt(b), a, b), (a, b) => (a > b ? a : b)],
    ["abs", (a) => a.abs(), (a) => wrap(a < 0n ? -a : a)],
    ["square", (a) => a.square(), (a) => wrap(a * a)],
  ])("%s", (_, op, plain) => {
    check([values], (pairs) => {
      const [a, b] = [0, 1].map((i) => tensor(pairs.map((p) => p[i])));
      const got = op(a, b);
      pairs.forEach(([x, y], i) => {
        const want = plain(x, y);
        const read = got.at(i).item() as unknown;
        if (typeof want === "boolean") expect(read).toBe(want);
        else expect(BigInt(read as number)).toBe(want);
      });
    });
  });

  it("sums, products, extremes, sorting and matrix products", () => {
    check([fc.array(long, { minLength: 4, maxLength: 4 })], (list) => {
      const t = tensor(list);
      const big = (x: Tensor): bigint => BigInt(x.item() as unknown as bigint);
      expect(big(t.sum())).toBe(wrap(list.reduce((a, b) => a + b, 0n)));
      expect(big(t.prod())).toBe(list.reduce((a, b) => wrap(a * b), 1n));
      expect(big(t.max())).toBe(list.reduce((a, b) => (a > b ? a : b)));
      expect(big(t.cumsum(0).at(-1))).toBe(wrap(list.reduce((a, b) => a + b, 0n)));
      expect(big(t.dot(t))).toBe(wrap(list.reduce((a, b) => a + b * b, 0n)));
      expect(t.sort()[0].tolist().map(BigInt)).toEqual([...list].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
      const m = t.reshape(2, 2);
      expect(big(m.matmul(m).at(0, 1))).toBe(wrap(list[0] * list[1] + list[1] * list[3]));
    });
  });
});
