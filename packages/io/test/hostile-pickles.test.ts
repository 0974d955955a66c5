import { isTensor } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import { load } from "../src/index.js";
import { archive, ascii, bytes, DAG, errorOf, FLOAT, REBUILD, tensorPickle, u32, u64 } from "./hostile.js";

/* Pickles that somebody made in order to break the reader: each is read, or refused with an error that says what and where. */

/** An array of NumPy, without its state; a dtype of its. */
const ARRAY = "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR";
const FLOATS = "cnumpy\ndtype\n(S'f4'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntb";

describe("pickles", () => {
  it.each<[string, Uint8Array, string]>([
    ["nothing", bytes(), "1 bytes should follow, but there are 0"],
    ["no end", bytes("N"), "1 bytes should follow"],
    ["an empty stack", bytes("."), "the stack, but it is empty"],
    ["a mark as the value", bytes("(."), "a mark where a value should be"],
    ["an unknown instruction", bytes(0xff), "instruction 0xff is none"],
    ["an unknown protocol", bytes(0x80, 9), "pickle protocol 9 is unknown"],
    ["text near 2^63", bytes(0x8d, u64(2n ** 63n - 1n), "x"), "a length of 9223372036854775807 bytes"],
    ["bytes beyond the file", bytes("B", u32(0xffffffff)), "4294967295 bytes should follow"],
    ["an integer of 4 GB", bytes(0x8b, u32(0xfffffff0)), "an integer of 4294967280 bytes"],
    ["an integer of a million digits", bytes(`I${"9".repeat(1_000_000)}\n.`), "is no integer"],
    ["a float that is none", bytes("Fabc\n."), '"abc" is no number'],
    ["what was never remembered", bytes("h", 3), "nothing is remembered under 3"],
    ["a memo of itself", bytes("q", 0, "."), "the stack, but it is empty"],
    ["items for no list", bytes("NNa."), "items for what is no list"],
    ["a key without a value", bytes("}(Nu."), "a key without a value"],
    ["a tuple of nothing", bytes(0x87), "the stack, but it is empty"],
    ["no mark", bytes("Nt."), "a mark should be on the stack"],
    ["a call without arguments", bytes("cos\nsystem\nNR."), "the arguments of a call are no tuple"],
    ["a call of os.system", bytes("cos\nsystem\n(S'x'\ntR."), "wants os.system called"],
    ["one that nobody would see", bytes("cos\nsystem\n(S'x'\ntR0N."), "wants os.system called"],
    [
      "one in a module's attributes",
      bytes("cmodel\nNet\n)\x81}(S'_modules'\n}S'_parameters'\n}S'_buffers'\n}S'x'\ncos\nsystem\n(S'x'\ntRub."),
      "wants os.system called",
    ],
    ["one by protocol 4", bytes("\x8c\x05posix\x8c\x06system\x93)R."), "wants posix.system called"],
    ["one in two parts", bytes("\x8c\x08builtins\x8c\x04eval\x93\x8c\x011\x85R."), "wants builtins.eval called"],
    ["one as an instance", bytes("(S'x'\nios\nsystem\n."), "wants os.system called"],
    ["one as an object", bytes("(cos\nsystem\nS'x'\no."), "wants os.system called"],
    ["one by named arguments", bytes("csubprocess\nPopen\n)}S'args'\nS'x'\ns\x92."), "named arguments"],
    ["a class with arguments", bytes("csubprocess\nPopen\n(S'x'\nt\x81."), "wants subprocess.Popen called"],
    ["an object of a class", bytes("csubprocess\nPopen\n)\x81."), "an object of subprocess.Popen"],
    ["a name alone", bytes("cos\nsystem\n."), "os.system, which is not on the short list"],
    ["a name that is dropped", bytes("cos\nsystem\n0N."), "names os.system"],
    ["getattr", bytes("c__builtin__\ngetattr\n(NS'x'\ntR."), "builtins.getattr"],
    ["a name of JavaScript's", bytes("cbuiltins\nconstructor\n)R."), "builtins.constructor"],
    ["extensions", bytes(0x82, 1), "instruction 0x82"],
    ["buffers beside the file", bytes(0x97), "instruction 0x97"],
    ["persistent ids as text", bytes("Px\n."), "instruction 0x50"],
    ["a persistent id that is none", bytes("NQ."), "a persistent id that is no tuple"],
    ["a storage of no type", bytes("(S'storage'\nNS'0'\nS'cpu'\nI1\ntQ."), "a storage of something"],
    ["a storage of a foreign type", bytes("(S'storage'\ncx\nStorage\nS'0'\nS'cpu'\nI1\ntQ."), "a storage of x.Storage"],
    ["a storage of -1 elements", tensorPickle("-1", "0", "I1\n", "I1\n"), "whose size is no whole number"],
    [
      "a storage of 2^62 elements",
      tensorPickle(String(2n ** 62n), "0", "I1\n", "I1\n"),
      "whose size is no whole number",
    ],
    ["a tensor before its storage", tensorPickle("1", "-1", "I1\n", "I1\n"), "do not go together"],
    ["a tensor behind its storage", tensorPickle("1", "1", "I1\n", "I1\n"), "on a storage of 1 elements"],
    ["a tensor beyond its storage", tensorPickle("4", "0", "I2\nI3\n", "I3\nI1\n"), "on a storage of 4 elements"],
    ["negative strides", tensorPickle("4", "0", "I2\n", "I-1\n"), "whose stride is (-1)"],
    [
      "a shape of 2^53 × 2^53",
      tensorPickle("1", "0", `I${2 ** 52}\nI${2 ** 52}\n`, "I0\nI0\n"),
      "more elements than there are numbers",
    ],
    ["65 dimensions", tensorPickle("1", "0", "I1\n".repeat(65), "I1\n".repeat(65)), "a tensor of 65 dimensions"],
    ["a storage that is not there", tensorPickle("1", "0", "I1\n", "I1\n"), "the pickle names it, but it is not there"],
    ["a tensor of no storage", bytes(`${REBUILD}(NI0\n))I00\nNtR.`), "a tensor of something that is no storage"],
    [
      "a size that is a list of lists",
      bytes(DAG, `${REBUILD}((S'storage'\n${FLOAT}S'0'\nS'cpu'\nI1\ntQI0\n(h\x3ct(I1\ntI00\nNtR.`),
      "a tensor whose shape is",
    ],
    ["an encoding that is one", bytes(DAG, "c_codecs\nencode\n(S'x'\nh\x3ctR."), "something else than latin1"],
    [
      "a module's child under such a name",
      bytes(DAG, "cm\nN\n)\x81}(S'_modules'\n}S'_buffers'\n}S'_parameters'\n}h\x3cI1\nsub."),
      "a name that is no text",
    ],
    [
      "tensors with attributes, one in the other",
      bytes("ctorch._tensor\n_rebuild_from_type_v2\nq\x000ctorch\nTensor\nq\x010h\x00(h\x00h\x01(NNtNtR."),
      "a tensor with attributes of a tensor with attributes",
    ],
    ["lists of 100,000 levels", bytes("]".repeat(100_000), "a".repeat(99_999), "."), "nested more than 1000 deep"],
    ["tuples of 100,000 levels", bytes(")", "\x85".repeat(100_000), "."), "nested more than 1000 deep"],
    ["a million lists", bytes("]".repeat(1_000_001), "."), "more than 8000000 objects"],
    [
      "a list copied again and again",
      bytes("](", "N".repeat(1000), "eq\x00", "0c__builtin__\nlist\nq\x010", "h\x01h\x00\x85R".repeat(8_001), "."),
      "more than 8000000 objects",
    ],
    [
      "a call with a million arguments, again and again",
      bytes("c__builtin__\nlist\nq\x000", "(]", "N".repeat(1_000_000), "tq\x010", "h\x00h\x01R0".repeat(20), "N."),
      "more than 8000000 objects",
    ],
    [
      "a state of a million items, again and again",
      bytes("(", "N".repeat(1_000_000), "tq\x010", "cm\nN\n)\x81", "h\x01b".repeat(20), "."),
      "more than 8000000 objects",
    ],
    [
      "arrays of NumPy that share their bytes, with lists as states",
      bytes(
        ARRAY,
        "q\x000]q\x01(I1\n(I1000000\nt",
        FLOATS,
        "I00\nB",
        u32(4_000_000),
        new Uint8Array(4_000_000),
        "e0",
        "](",
        "h\x00h\x01b".repeat(2000),
        "e.",
      ),
      "more than 8000000 objects",
    ],
    [
      "a tensor made again and again of the same arguments",
      bytes(
        `${REBUILD}q\x000((S'storage'\n${FLOAT}S'0'\nS'cpu'\nI1\ntQI0\n(I1\nt(I1\ntI00\nNtq\x010](`,
        "h\x00h\x01R".repeat(500_000),
        "e.",
      ),
      "more than 8000000 objects",
    ],
    [
      "900 levels under a key of a million letters",
      bytes(
        "X",
        u32(1_000_000),
        "x".repeat(1_000_000),
        "q\x000",
        "}h\x00".repeat(900),
        "cos\nsystem\n",
        "s".repeat(900),
        ".",
      ),
      "os.system, which is not on the short list",
    ],
  ])("%s", async (_name, pickle, text) => {
    const error = await errorOf(archive(pickle));
    expect(error.message).toContain(text);
  });

  it("a storage of another size than its entry, or under a name that leaves the archive", async () => {
    const pickle = tensorPickle("2", "0", "I2\n", "I1\n");
    expect((await errorOf(archive(pickle, { "a/data/0": new Uint8Array(4) }))).message).toContain(
      "has 4 bytes, where the pickle tells of 8",
    );
    expect(
      (await errorOf(archive(pickle, { "a/data/0": new Uint8Array(8), "a/byteorder": ascii("middle") }))).message,
    ).toContain("should be little or big");
  });

  it("lists that hold each other twice, sixty levels: read once each", async () => {
    const levels = Array.from({ length: 60 }, (_, i) => bytes("](", "h", i, "h", i, "eq", i + 1, "0"));
    const value = await load<unknown>(archive(bytes("]q\x000", ...levels, "h\x3c.")));
    expect((value as unknown[])[0]).toBe((value as unknown[])[1]);
  });

  it("a key that is such a list", async () => {
    const value = await load<unknown>(archive(bytes(DAG, "}h\x3cNs.")));
    expect(value).toBeInstanceOf(Map);
  });

  it("modules that hold each other twice, under long names", async () => {
    const names = ["y", "z"].map((letter, i) => bytes("X", u32(100_000), letter.repeat(100_000), "q", 4 + i, "0"));
    const one = (i: number, children: Uint8Array): Uint8Array =>
      bytes("h\x00)\x81q", i, "}(h\x02}h\x03}h\x01}", children, "ub0");
    const levels = Array.from({ length: 17 }, (_, i) => one(11 + i, bytes("(h\x04h", 10 + i, "h\x05h", 10 + i, "u")));
    const head = "cm\nN\nq\x000S'_modules'\nq\x010S'_parameters'\nq\x020S'_buffers'\nq\x030";
    const error = await errorOf(archive(bytes(head, ...names, one(10, bytes()), ...levels, "h", 27, ".")));
    expect(error.message).toContain("letters in them");
  });

  it("modules that hold each other twice are not named without end", async () => {
    const head = "cmodel\nNet\nq\x000S'_modules'\nq\x010S'_parameters'\nq\x020S'_buffers'\nq\x030";
    const one = (i: number, children: string): Uint8Array =>
      bytes("h\x00)\x81q", i, "}(h\x02}h\x03}h\x01}", children, "ub0");
    const levels = Array.from({ length: 40 }, (_, i) =>
      one(11 + i, `(S'a'\nh${String.fromCharCode(10 + i)}S'b'\nh${String.fromCharCode(10 + i)}u`),
    );
    const error = await errorOf(archive(bytes(head, one(10, ""), ...levels, "h", 50, ".")));
    expect(error.message).toContain("a module with more than 1000000 names");
  });

  it("bytes that Python 2 wrote as text, four million of them", async () => {
    const text = bytes("X", u32(4_000_000), "a".repeat(4_000_000));
    const value = await load<Uint8Array>(archive(bytes("c_codecs\nencode\n(", text, "S'latin1'\ntR.")));
    expect([value.length, value[0], value[3_999_999]]).toEqual([4_000_000, 97, 97]);
  });

  it("a tensor of stride 0 needs no memory", async () => {
    const pickle = tensorPickle("1", "0", `I${2 ** 40}\n`, "I0\n");
    const t = await load<unknown>(archive(pickle, { "a/data/0": new Uint8Array(4) }));
    expect(isTensor(t) && t.numel()).toBe(2 ** 40);
  });
});
