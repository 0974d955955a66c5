import { type DType, manualSeed, ones, rand, randint, type Tensor, tensor, zeros } from "@kindling/autograd";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deserialize, FormatError, serialize } from "../src/index.js";

const dtypes: DType[] = [
  "float32",
  "float64",
  "float16",
  "bfloat16",
  "int64",
  "int32",
  "int16",
  "int8",
  "uint8",
  "bool",
];

function fileOf(header: string | object, data: Uint8Array = new Uint8Array()): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const out = new Uint8Array(8 + json.length + data.length);
  new DataView(out.buffer).setBigUint64(0, BigInt(json.length), true);
  out.set(json, 8);
  out.set(data, 8 + json.length);
  return out;
}

describe("round trip", () => {
  it.each(dtypes)("%s keeps values, shape and dtype", (dtype) => {
    manualSeed(1);
    const t = dtype.includes("float") ? rand(3, 4).sub(0.5).mul(100).to(dtype) : randint(0, 100, [3, 4]).to(dtype);
    const scalar = t.at(0, 0).clone();
    const { tensors } = deserialize(serialize({ t, scalar, empty: zeros(0, 3, { dtype }), turned: t.t() }));
    expect(Object.getPrototypeOf(tensors)).toBe(null);
    expect(tensors.t.dtype).toBe(dtype);
    expect(tensors.t.shape).toEqual([3, 4]);
    expect(tensors.t.tolist()).toEqual(t.tolist());
    expect(tensors.scalar.shape).toEqual([]);
    expect(tensors.scalar.item()).toBe(scalar.item());
    expect(tensors.empty.shape).toEqual([0, 3]);
    expect(tensors.turned.tolist()).toEqual(t.t().tolist());
  });

  it("keeps int64 beyond 2^53, infinities, NaN and all float16 values", () => {
    const big = tensor(BigInt64Array.of(2n ** 62n + 1n, -(2n ** 63n)));
    const odd = tensor([Number.NaN, Number.POSITIVE_INFINITY, -0]);
    const halves = Float32Array.from({ length: 0x7c00 }, (_, i) => i).map((i) =>
      i < 1024 ? i * 2 ** -24 : (1024 + (i & 1023)) * 2 ** ((i >> 10) - 25),
    );
    const { tensors } = deserialize(serialize({ big, odd, halves: tensor(halves, { dtype: "float16" }) }));
    expect([...(tensors.big.toTypedArray() as BigInt64Array)]).toEqual([2n ** 62n + 1n, -(2n ** 63n)]);
    expect(tensors.odd.tolist()).toEqual([Number.NaN, Number.POSITIVE_INFINITY, -0]);
    expect([...tensors.halves.toTypedArray()]).toEqual([...halves]);
  });

  it("keeps names of any kind and metadata", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: "grapheme" }), { maxLength: 5 }),
        fc.dictionary(fc.string(), fc.string()),
        (names, metadata) => {
          const usable = names.filter((name) => name !== "__metadata__");
          const given: Record<string, Tensor> = Object.create(null);
          usable.forEach((name, i) => {
            given[name] = tensor([i]);
          });
          const read = deserialize(serialize(given, { metadata }));
          expect(Object.keys(read.tensors).sort()).toEqual([...usable].sort());
          usable.forEach((name, i) => {
            expect(read.tensors[name].item()).toBe(i);
          });
          expect({ ...read.metadata }).toEqual({ ...metadata });
        },
      ),
    );
  });
});

describe("layout", () => {
  it("is the format's: header, blanks up to a multiple of eight, wide elements first", () => {
    const file = serialize(
      { b: tensor([1, 2], { dtype: "uint8" }), a: tensor([1.5]), c: tensor([2.5]) },
      { metadata: { made: "here" } },
    );
    const length = Number(new DataView(file.buffer).getBigUint64(0, true));
    const json =
      '{"__metadata__":{"made":"here"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"c":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"b":{"dtype":"U8","shape":[2],"data_offsets":[8,10]}}';
    expect(new TextDecoder().decode(file.subarray(8, 8 + length))).toBe(json.padEnd(Math.ceil(json.length / 8) * 8));
    expect([...file.subarray(8 + length)]).toEqual([0, 0, 0xc0, 0x3f, 0, 0, 0x20, 0x40, 1, 2]);
  });

  it("is read from bytes put together by hand, in any order and at any place in memory", () => {
    const header = {
      x: { dtype: "I16", shape: [2], data_offsets: [1, 5] },
      y: { dtype: "BOOL", shape: [1], data_offsets: [0, 1] },
    };
    const file = fileOf(header, Uint8Array.of(1, 0xff, 0xff, 2, 0));
    const shifted = new Uint8Array(file.length + 3);
    shifted.set(file, 3);
    const { tensors } = deserialize(shifted.subarray(3));
    expect(tensors.x.tolist()).toEqual([-1, 2]);
    expect(tensors.y.tolist()).toEqual([true]);
  });
});

describe("broken files", () => {
  const four = new Uint8Array(4);
  const entry = { dtype: "F32", shape: [1], data_offsets: [0, 4] };

  it.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(), "f, byte 0: a safetensors file has at least 8 bytes, this one 0"],
    [
      "a header near 2^63",
      Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 127),
      "a header of 9223372036854775807 bytes",
    ],
    [
      "a header that is longer than the file",
      Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 32),
      "the header should have 9 bytes, but the file ends after 1",
    ],
    ["a header that is no JSON", fileOf("{x"), "f, header: not JSON in UTF-8"],
    [
      "a header that is no UTF-8",
      fileOf("").slice().fill(1, 0, 1) && Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff),
      "not JSON in UTF-8",
    ],
    ["a header that is a list", fileOf([]), "f, header: not a JSON object"],
    ["an entry that is no object", fileOf({ a: 3 }), 'f, tensor "a": its header entry is not an object'],
    [
      "an unknown dtype",
      fileOf({ a: { ...entry, dtype: "F8_E5M2", shape: [4] } }, four),
      'dtype "F8_E5M2" is not supported',
    ],
    ["a dtype from the prototype", fileOf({ a: { ...entry, dtype: "constructor" } }, four), "is not supported"],
    ["a negative size", fileOf({ a: { ...entry, shape: [-1] } }, four), "its shape is not an array of whole numbers"],
    [
      "a shape that does not fit",
      fileOf({ a: { ...entry, shape: [2] } }, four),
      "F32 of shape [2] takes 8 bytes, but its data_offsets span 4",
    ],
    [
      "a shape beyond all numbers",
      fileOf({ a: { ...entry, shape: [2 ** 52, 2 ** 52, 0], data_offsets: [0, 0] } }),
      "its shape has more elements than there are numbers",
    ],
    [
      "offsets that are no numbers",
      fileOf({ a: { ...entry, data_offsets: ["0", "4"] } }, four),
      "its data_offsets are not two whole numbers",
    ],
    [
      "a gap",
      fileOf({ a: { ...entry, data_offsets: [4, 8] } }, new Uint8Array(8)),
      "its data begins at 4 behind a gap at 0",
    ],
    [
      "an overlap",
      fileOf(
        { a: { ...entry, shape: [2], data_offsets: [0, 8] }, b: { ...entry, data_offsets: [4, 8] } },
        new Uint8Array(8),
      ),
      "inside another's, which ends at 8",
    ],
    [
      "bytes that belong to nobody",
      fileOf({ a: entry }, new Uint8Array(9)),
      "the header tells of 4 bytes of data, the file has 9",
    ],
    [
      "a name twice",
      fileOf(`{"a":${JSON.stringify(entry)},"\\u0061":${JSON.stringify(entry)}}`, four),
      'has the key "a" twice',
    ],
    [
      "a field twice",
      fileOf('{"a":{"dtype":"U8","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', four),
      'has the key "dtype" twice',
    ],
    ["metadata that is no object of strings", fileOf({ __metadata__: { a: 1 } }), "not an object of strings"],
  ])("%s", (_name, bytes, message) => {
    expect(() => deserialize(bytes, "f")).toThrow(FormatError);
    expect(() => deserialize(bytes, "f")).toThrow(message);
  });

  it("cut off anywhere, with any bit changed, or nested without end, never do worse than throw", () => {
    const whole = serialize({ weight: rand(2, 3), bias: tensor([1n, 2n]) }, { metadata: { a: "b" } });
    for (let n = 0; n < whole.length; n++) expect(() => deserialize(whole.slice(0, n))).toThrow(FormatError);
    for (let bit = 0; bit < 8 * whole.length; bit++) {
      const bytes = whole.slice();
      bytes[bit >> 3] ^= 1 << (bit & 7);
      try {
        deserialize(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }
    const deep = fileOf(`{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`);
    expect(() => deserialize(deep)).toThrow(FormatError);
  });
});

describe("serialize", () => {
  it("puts names in the order of their UTF-8, numbers among them", () => {
    const one = (value: number) => tensor([value], { dtype: "uint8" });
    const names = ["2", "10", "b", "\u{1f600}", "\uffee", "a", "\u00e4", "ab"];
    const file = serialize(Object.fromEntries(names.map((name, i) => [name, one(i)])), { metadata: { 7: "x" } });
    const length = Number(new DataView(file.buffer).getBigUint64(0, true));
    const header = new TextDecoder().decode(file.subarray(8, 8 + length));
    const sorted = ["10", "2", "a", "ab", "b", "\u00e4", "\uffee", "\u{1f600}"];
    expect([...header.matchAll(/"([^"]+)":\{/g)].map(([, name]) => name)).toEqual(["__metadata__", ...sorted]);
    expect([...file.subarray(8 + length)]).toEqual(sorted.map((name) => names.indexOf(name)));
  });

  it("writes views by themselves, and what is read is no view", () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]); // prettier-ignore
    const { tensors } = deserialize(serialize({ x, row: x.select(0, 1), wide: tensor([5]).expand(3) }));
    expect([tensors.row.tolist(), tensors.wide.tolist()]).toEqual([
      [3, 4],
      [5, 5, 5],
    ]); // prettier-ignore
    expect(tensors.x.storage).not.toBe(tensors.row.storage);
    expect(tensors.x.base).toBeNull();
  });

  it("takes a Map", () => {
    const { tensors } = deserialize(serialize(new Map([["a", ones(2)]]), { metadata: { b: "c" } }));
    expect(tensors.a.tolist()).toEqual([1, 1]);
  });

  it("refuses what the format has no place for", () => {
    for (const nameless of [null, 5, [ones(1)], ones(1), new Set()]) {
      expect(() => serialize(nameless as never)).toThrow("an object or a Map of them is expected");
    }
    expect(() => serialize({}, { meta: {} } as never)).toThrow("serialize() got an unexpected keyword argument 'meta'");
    expect(() => serialize({ a: 3 as never })).toThrow('safetensors holds tensors only, but "a" is a number');
    expect(() => serialize({ __metadata__: tensor(1) })).toThrow('a tensor cannot be named "__metadata__"');
    expect(() => serialize({ "\ud800": tensor(1) })).toThrow("half of a character");
    expect(() => serialize({}, { metadata: { a: "\udc00" } })).toThrow("half of a character");
    expect(() => serialize({}, { metadata: { a: 1 as never } })).toThrow(
      'metadata holds strings only, but "a" is a number',
    );
  });
});
