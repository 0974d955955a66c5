import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type DType, dtypeInfo, type HostArray } from "../src/dtype.js";
import { ArgumentError } from "../src/errors.js";
import { Generator } from "../src/generator.js";
import { multinomial } from "../src/multinomial.js";
import { logNormal, normal, normalSerial } from "../src/normal.js";
import { bernoulli, cauchy, exponential, geometric, randint, randperm, uniform } from "../src/random.js";
import { fusedMultiplyAdd, roundToBfloat16, roundToFloat16 } from "../src/rounding.js";

type Call = [op: string, dtype: DType, size: number, args: (number | string)[], result: string | (number | string)[]];
type Case = { seed?: string; initialSeed?: string; state?: string; calls: Call[] };

const { cases } = JSON.parse(readFileSync(new URL("./fixtures/random.json", import.meta.url), "utf8")) as {
  cases: Case[];
};

/** What rests on log, sin, cos or tan of the JavaScript engine in float64: equal to the C library's but for a last bit. */
const INEXACT = new Set(["normal", "normalSerial", "logNormal", "exponential", "cauchy"]);

function draw(gen: Generator, op: string, dtype: DType, size: number, args: (number | string)[]): HostArray {
  const out = new dtypeInfo[dtype].Host(size);
  const floats = out as Float32Array | Float64Array;
  const [a, b] = args as [number, number];
  const bits = dtype === "float16" ? 11 : dtype === "bfloat16" ? 8 : undefined;
  const weights = () => new dtypeInfo[dtype].Host((args as unknown[]).flat() as number[] & bigint[]) as Float32Array;
  switch (op) {
    case "uniform":
      uniform(gen, floats, a, b, bits);
      return out;
    case "normal":
      normal(gen, floats, a, b, bits);
      return out;
    case "normalSerial":
      normalSerial(gen, floats, a, b, bits);
      return out;
    case "logNormal":
      logNormal(gen, floats, a, b);
      return out;
    case "exponential":
      exponential(gen, floats, a);
      return bits ? floats.map(bits === 11 ? roundToFloat16 : roundToBfloat16) : out;
    case "cauchy":
      cauchy(gen, floats, a, b);
      return out;
    case "geometric":
      geometric(gen, out, a);
      return out;
    case "randint":
    case "random":
      randint(gen, out, BigInt(args[0]), BigInt(args[1]), bits);
      return out;
    case "randperm":
      return randperm(gen, size);
    case "bernoulli":
      bernoulli(gen, out, a);
      return out;
    case "bernoulliEach":
      bernoulli(gen, out, weights());
      return out;
    default: {
      const categories = Array.isArray(args[0]) ? (args[0] as number[]).length : args.length;
      return multinomial(gen, weights(), categories, size, op === "multinomialReplacement");
    }
  }
}

async function sha(values: HostArray): Promise<string> {
  const bytes = new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256:${Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

const title = ({ seed, calls }: Case) =>
  `${seed ? `seed ${seed}` : "state"}: ${[...new Set(calls.map(([op, dtype]) => `${op} ${dtype}`.trim()))].join(", ")}`;

async function check(out: HostArray, [op, dtype, , , result]: Call, where: string): Promise<void> {
  if (typeof result === "string") {
    expect(await sha(out), where).toBe(result);
  } else if (dtype === "float64" && INEXACT.has(op)) {
    expect(out.length, where).toBe(result.length);
    out.forEach((value: number | bigint, i: number) => {
      const expected = Number(result[i]);
      expect(Math.abs(Number(value) - expected), where).toBeLessThanOrEqual(4e-16 * Math.abs(expected) + 1e-16);
    });
  } else if (out instanceof BigInt64Array) {
    expect([...out], where).toEqual(result.map(BigInt));
  } else {
    const round = out instanceof Float32Array ? Math.fround : Number;
    expect([...out], where).toEqual(result.map((value) => round(Number(value))));
  }
}

describe("the stream of PyTorch's CPU generator", () => {
  it.each(cases.map((each, i) => ({ name: `${i}, ${title(each)}`, each })))("case $name", async ({ each }) => {
    const gen = new Generator();
    if (each.state) {
      const bytes = Uint8Array.from(atob(each.state), (c) => c.charCodeAt(0));
      expect(gen.setState(bytes).getState()).toEqual(bytes);
    } else {
      gen.manualSeed(BigInt(each.seed as string));
      expect(String(gen.initialSeed())).toBe(each.initialSeed);
    }
    for (const [i, call] of each.calls.entries()) {
      const [op, dtype, size, args, result] = call;
      const where = `call ${i}: ${op} ${dtype} of ${size} with ${args}`;
      if (op === "state") expect(await sha(gen.getState().fill(0, 5024, 5032)), where).toBe(result);
      else await check(draw(gen, op, dtype, size, args), call, where);
    }
  });
});

describe("Generator", () => {
  const drawn = (gen: Generator) => Array.from({ length: 5 }, () => gen.random32());

  it("starts from PyTorch's default seed", () => {
    expect(new Generator().initialSeed()).toBe(67280421310721);
    expect(drawn(new Generator())).toEqual(drawn(new Generator().manualSeed(67280421310721n)));
    expect(new Generator().device).toBe("cpu");
  });

  it("has the reference stream of mt19937", () => {
    const gen = new Generator().manualSeed(5489);
    expect(gen.random32()).toBe(3499211612);
    for (let i = 0; i < 9998; i++) gen.random32();
    expect(gen.random32()).toBe(4123659995); // the 10,000th, which the C++ standard prescribes
  });

  it("joins two draws, the high half first", () => {
    const [a, b, c, d] = drawn(new Generator().manualSeed(1));
    const gen = new Generator().manualSeed(1);
    expect(gen.random64()).toBe((BigInt(a) << 32n) | BigInt(b));
    expect(gen.random53()).toBe((c % 2 ** 21) * 2 ** 32 + d);
  });

  it.each([0, 1e-7, 0.1, 0.5, 0.9, 1])("tells 53 bits below %d from others, wherever the words run out", (p) => {
    const limit = p * 2 ** 53;
    for (const skipped of [0, 1, 622, 623]) {
      for (const count of [1, 311, 312, 2000]) {
        const [one, other] = [new Generator().manualSeed(count), new Generator().manualSeed(count)];
        for (let i = 0; i < skipped; i++) expect(one.random32()).toBe(other.random32());
        const out = new Float32Array(count);
        one.fillBelow(out, limit);
        expect(out).toEqual(Float32Array.from(out, () => Number(other.random53() < limit)));
        expect(one.random32()).toBe(other.random32());
      }
    }
  });

  it("gives the seed as a number while it is exact", () => {
    const gen = new Generator();
    expect(gen.manualSeed(2 ** 53 - 1).initialSeed()).toBe(2 ** 53 - 1);
    expect(gen.manualSeed(2n ** 53n).initialSeed()).toBe(2n ** 53n);
    expect(gen.manualSeed(-1).initialSeed()).toBe(2n ** 64n - 1n);
  });

  it("seeds itself differently each time", () => {
    const gen = new Generator();
    const first = gen.seed();
    expect(gen.initialSeed()).toBe(first);
    expect(drawn(new Generator().manualSeed(first))).toEqual(drawn(gen));
    expect(gen.seed()).not.toBe(first);
  });

  it("refuses seeds that are no 64-bit integers", () => {
    const gen = new Generator().manualSeed(3);
    for (const seed of [1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 64, 2n ** 64n, -(2n ** 63n) - 1n]) {
      expect(() => gen.manualSeed(seed)).toThrow(ArgumentError);
    }
    expect(gen.initialSeed()).toBe(3);
  });

  it("forgets cached normals when seeded, keeps them in a clone", () => {
    const gen = new Generator().manualSeed(4);
    const values = new Float64Array(3);
    normal(gen, values);
    const copy = gen.clone();
    const [a, b] = [new Float64Array(3), new Float64Array(3)];
    normal(gen, a);
    normal(copy, b);
    expect(b).toEqual(a);
    normal(gen.manualSeed(4), a);
    expect(a).toEqual(values);
  });

  it("carries the float32 normal that a state may hold", () => {
    const state = new Generator().getState();
    new DataView(state.buffer).setFloat32(5048, 1.25, true);
    state[5052] = 1;
    const gen = new Generator().setState(state);
    expect(gen.nextFloatNormal).toBe(1.25);
    expect(gen.clone().getState()).toEqual(state);
  });

  it("refuses bytes that are no state and stays as it was", () => {
    const gen = new Generator().manualSeed(5);
    drawn(gen);
    const before = gen.getState();
    expect(() => gen.setState(new Uint8Array(10))).toThrow(/5056 bytes, but found the input RNG state size to be 10/);
    expect(() => gen.setState([1, 2] as unknown as Uint8Array)).toThrow("RNG state must be a Uint8Array");
    expect(() => gen.setState(new Uint8Array(5056))).toThrow("Invalid mt19937 state");
    for (const [at, value] of [
      [8, 0],
      [12, 0],
      [16, 255],
      [20, 1],
    ]) {
      const broken = before.slice();
      broken[at] = value;
      if (at === 8) broken[9] = 0;
      expect(() => gen.setState(broken), `byte ${at}`).toThrow("Invalid mt19937 state");
    }
    expect(gen.getState()).toEqual(before);
  });

  it("takes a state out of a larger buffer", () => {
    const gen = new Generator().manualSeed(6);
    const framed = new Uint8Array(5060);
    framed.set(gen.getState(), 3);
    expect(drawn(new Generator().setState(framed.subarray(3, 5059)))).toEqual(drawn(gen));
  });
});

describe("arguments", () => {
  const gen = new Generator();
  const floats = new Float32Array(3);
  const ints = new Int32Array(3);

  it.each<[string, () => unknown, string]>([
    [
      "uniform, reversed",
      () => uniform(gen, floats, 3, 1),
      "uniform_ expects to return a [from, to) range, but found from=3 > to=1",
    ],
    ["uniform, too large", () => uniform(gen, floats, 0, 1e39), "to is out of bounds for float32"],
    ["uniform, too wide", () => uniform(gen, floats, -3e38, 3e38), "uniform_ expects to - from <= "],
    ["uniform, NaN", () => uniform(gen, floats, Number.NaN, 1), "from is out of bounds for float32"],
    ["normal", () => normal(gen, floats, 0, -1), "normal expects std >= 0.0, but found std -1"],
    ["normal, many", () => normal(gen, new Float32Array(20), 0, -1), "normal expects std >= 0.0, but found std -1"],
    ["logNormal", () => logNormal(gen, floats, 0, 0), "logNormal_ expects std > 0.0, but found std=0"],
    [
      "randint, empty",
      () => randint(gen, ints, 5, 5),
      "random_ expects 'from' to be less than 'to', but got from=5 >= to=5",
    ],
    ["randint, fraction", () => randint(gen, ints, 0, 1.5), "random_ expects integer bounds, but got 1.5"],
    ["randint, int8", () => randint(gen, new Int8Array(1), 0, 200), "to - 1 is out of bounds for int8"],
    ["randint, int32", () => randint(gen, ints, -(2 ** 31) - 1, 0), "from is out of bounds for int32"],
    ["randint, uint8", () => randint(gen, new Uint8Array(1), -1, 3), "from is out of bounds for uint8"],
    [
      "randint, int64",
      () => randint(gen, new BigInt64Array(1), 0, 2n ** 63n + 1n),
      "to - 1 is out of bounds for int64",
    ],
    ["randint, float16", () => randint(gen, floats, 0, 70000, 11), "to - 1 is out of bounds for float16"],
    ["randperm", () => randperm(gen, -1), "randperm expects an integer n in [0, 2^31), but got -1"],
    ["bernoulli", () => bernoulli(gen, floats, 1.5), "bernoulli_ expects p to be in [0, 1], but got p=1.5"],
    ["bernoulli, NaN", () => bernoulli(gen, floats, Float32Array.of(0, Number.NaN, 1)), "but got p=NaN"],
    [
      "bernoulli, sizes",
      () => bernoulli(gen, floats, Float32Array.of(0, 1)),
      "bernoulli_ expects 3 probabilities, but got 2",
    ],
    ["exponential", () => exponential(gen, floats, -1), "exponential_ expects lambda >= 0.0, but found lambda=-1"],
    ["geometric", () => geometric(gen, floats, 1), "geometric_ expects p to be in (0, 1), but got p=1"],
    ["multinomial, none", () => multinomial(gen, floats, 3, 0), "cannot sample n_sample <= 0 samples"],
    [
      "multinomial, many",
      () => multinomial(gen, Float32Array.of(1, 1), 2, 3),
      "n_sample > prob_dist.size(-1) samples without replacement",
    ],
    [
      "multinomial, zero",
      () => multinomial(gen, floats, 3, 1, true),
      "invalid multinomial distribution (sum of probabilities <= 0)",
    ],
    [
      "multinomial, negative",
      () => multinomial(gen, Float32Array.of(1, -1), 2, 1),
      "either `inf`, `nan` or element < 0",
    ],
    [
      "multinomial, infinite",
      () => multinomial(gen, Float32Array.of(1, 1 / 0), 2, 1, true),
      "probability entry = infinity or NaN",
    ],
  ])("%s", (_, call, text) => {
    const before = gen.getState();
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(text);
    expect(gen.getState()).toEqual(before);
  });

  it("accepts the empty", () => {
    const before = gen.getState();
    uniform(gen, new Float32Array(0));
    normal(gen, new Float64Array(0));
    randint(gen, new Int32Array(0), 0, 3);
    bernoulli(gen, new Uint8Array(0), 0.5);
    expect(multinomial(gen, new Float32Array(0), 5, 2)).toHaveLength(0);
    expect(gen.getState()).toEqual(before);
  });

  it("leaves weights as they are", () => {
    const weights = Float32Array.of(1, 2, 3);
    multinomial(gen, weights, 3, 2);
    multinomial(gen, weights, 3, 2, true);
    expect([...weights]).toEqual([1, 2, 3]);
  });
});

describe("rounding", () => {
  it("rounds to float16, ties to even", () => {
    const values = [1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 65520, -1e9, 2 ** -24, 2 ** -25, 3 * 2 ** -25, -0, 0.1];
    const expected = [
      1,
      1 + 2 ** -9,
      65504,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      2 ** -24,
      0,
      2 ** -23,
      -0,
      0.0999755859375,
    ];
    expect(values.map(roundToFloat16)).toEqual(expected);
    expect(roundToFloat16(Number.NaN)).toBeNaN();
  });

  it("rounds to bfloat16, ties to even", () => {
    const values = [1 + 2 ** -8, 1 + 3 * 2 ** -8, 3.4e38, Number.NEGATIVE_INFINITY, -0, 0.1, -257];
    const expected = [1, 1 + 2 ** -6, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0.10009765625, -256];
    expect(values.map(roundToBfloat16)).toEqual(expected);
    expect(roundToBfloat16(Number.NaN)).toBeNaN();
  });

  it("multiplies and adds with one rounding", () => {
    const x = 1 + 2 ** -30;
    expect(fusedMultiplyAdd(x, x, -1 - 2 ** -29)).toBe(2 ** -60);
    expect(fusedMultiplyAdd(0.1, 10, -1)).toBe(2 ** -54);
    expect(fusedMultiplyAdd(1e300, 1e300, 1)).toBe(Number.POSITIVE_INFINITY);
    expect(fusedMultiplyAdd(Number.NaN, 1, 1)).toBeNaN();
  });
});
