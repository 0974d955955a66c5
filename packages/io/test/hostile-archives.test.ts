import { tensor } from "@kindling/autograd";
import { deflateSync } from "fflate";
import { describe, expect, it } from "vitest";
import { load, serializeNpy, serializeTorch } from "../src/index.js";
import { crc32 } from "../src/zip/crc32.js";
import { joined, zipped } from "../src/zip/write.js";
import { bytes, DAG, errorOf, tensorPickle, u32, u64 } from "./hostile.js";

/* Zip archives and files of old PyTorch that somebody broke: refused with an error that says what and where. */

describe("archives", () => {
  /** An archive of one deflated file, whose directory says what it is told to. */
  function deflated(
    name: string,
    content: Uint8Array,
    size = content.length,
    crc = crc32(content),
    packed: Uint8Array = deflateSync(content),
  ): Uint8Array {
    const fields = bytes("\x14\0\0\0\x08\0", u32(0), u32(crc), u32(packed.length), u32(size), name.length, 0, 0, 0);
    const local = bytes("PK\x03\x04", fields, name, packed);
    const directory = bytes("PK\x01\x02\x14\0", fields, "\0\0\0\0\0\0", u32(0), u32(0), name);
    return bytes(local, directory, "PK\x05\x06\0\0\0\0\x01\0\x01\0", u32(directory.length), u32(local.length), "\0\0");
  }

  it("that are compressed are read", async () => {
    expect((await load(deflated("a.npy", serializeNpy(tensor([1, 2]))))).a.tolist()).toEqual([1, 2]);
  });

  it("bombs: content that is larger than it says, or than anything should be", async () => {
    const zeros = new Uint8Array(20_000_000);
    expect((await errorOf(deflated("a/data.pkl", zeros, 1000))).message).toContain(
      "holds more than the 1000 bytes that it should",
    );
    expect((await errorOf(deflated("a/data.pkl", zeros, 4_000_000_000))).message).toContain("more than deflate can");
    expect((await errorOf(deflated("a/data.pkl", zeros, 20_000_001))).message).toContain(
      "holds 20000000 bytes, and should hold 20000001",
    );
    expect(
      (await errorOf(deflated("a.npy", new Uint8Array(), 310_000_000, 0, new Uint8Array(310_000)))).message,
    ).toContain("refused as a bomb");
  }, 60_000);

  it("entries twice, over each other, beyond the end, encrypted, of unknown methods", async () => {
    const file = { name: "a/data.pkl", content: bytes("N.") };
    expect((await errorOf(joined(zipped([file, file])))).message).toContain('entry "a/data.pkl": is there twice');
    const two = joined(zipped([file, { name: "a/data.pkx", content: bytes("N.") }]));
    const second = two.lastIndexOf(0x50, two.length - 23);
    const directory = [...two.keys()].filter((i) => two[i] === 0x50 && two[i + 1] === 0x4b && two[i + 2] === 1);
    const changed = (offset: number, ...values: number[]): Uint8Array => {
      const copy = two.slice();
      copy.set(values, directory[1] + offset);
      return copy;
    };
    expect(second).toBeGreaterThan(0);
    expect((await errorOf(changed(42, 0, 0, 0, 0))).message).toContain("reach into what begins at");
    expect((await errorOf(changed(42, 255, 255, 255, 127))).message).toContain("reach into what begins at");
    expect((await errorOf(changed(8, 1))).message).toContain("is encrypted");
    expect((await errorOf(changed(10, 14))).message).toContain("compressed by method 14");
    expect((await errorOf(changed(0, 0))).message).toContain("but number 2 is none");
    expect((await errorOf(changed(28, 255, 255))).message).toContain("goes beyond its end");
    expect((await errorOf(two.slice(0, -1))).message).toContain("no zip directory at the end");
    expect((await errorOf(joined(zipped([{ name: "x", content: bytes() }])), "x.npz")).message).toContain(
      "not an .npy file",
    );
  });

  it("a file whose own header has another name than the directory", async () => {
    const file = joined(zipped([{ name: "a/data.pkl", content: bytes("N.") }]));
    file[30] ^= 1;
    expect((await errorOf(file)).message).toContain('the directory says "a/data.pkl"');
  });

  it("a changed byte of a storage is found by the checksum; one that was left out is not missed", async () => {
    const file = serializeTorch(tensor([1, 2, 3]));
    const place = file.lastIndexOf(0x40, file.length - 200); // of 2 or 3
    file[place] ^= 1;
    expect((await errorOf(file)).message).toContain("its checksum is wrong");
    const without = joined(zipped([{ name: "a/data.pkl", content: bytes("I7\n.") }]));
    for (let i = 0; i < without.length; i++)
      if (without[i] === 0x50 && without[i + 1] === 0x4b && without[i + 2] === 1) without.fill(0, i + 16, i + 20);
    expect(await load<unknown>(without)).toBe(7);
  });
});

describe("legacy files", () => {
  const magic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
  const version = "M\xe9\x03.";
  const machine = "}S'little_endian'\n\x88s.";
  const legacy = (...rest: (string | number | Uint8Array)[]): Uint8Array =>
    bytes("\x80\x02", magic, version, machine, ...rest);
  const one = tensorPickle("1", "0", "I1\n", "I1\n");

  it("are read", async () => {
    const file = legacy(one, "](S'0'\ne.", u64(1n), u32(0x3f800000));
    expect(((await load<unknown>(file)) as { item(): number }).item()).toBe(1);
  });

  it.each<[string, Uint8Array, string]>([
    ["another magic number", bytes("\x80\x02K\x01."), "does not begin with PyTorch's magic number"],
    ["another version", bytes("\x80\x02", magic, "K\x01."), "should be 1001, but is 1"],
    ["no machine", bytes("\x80\x02", magic, version, "N."), "are no dictionary"],
    ["a version that is a list of lists", bytes("\x80\x02", magic, DAG, "h\x3c."), "should be 1001, but is an object"],
    ["keys that are such lists", legacy("N.", DAG, "](h\x3ce."), "are no list of different keys"],
    ["no keys", legacy("N.", "N."), "are no list"],
    ["keys twice", legacy(one, "](S'0'\nS'0'\ne."), "are no list of different keys"],
    ["a key that nobody knows", legacy("N.", "](S'7'\ne.", u64(1n)), "nothing tells what it holds"],
    ["a storage that is missing", legacy(one, "]."), "the pickle names it, but it is not there"],
    [
      "a storage of another size",
      legacy(one, "](S'0'\ne.", u64(2n), u32(0), u32(0)),
      "has 2 elements, where the pickle tells of 1",
    ],
    ["a storage of -1 elements", legacy(one, "](S'0'\ne.", u64(2n ** 64n - 1n)), "has -1 elements"],
    [
      "a storage that is cut off",
      legacy(one, "](S'0'\ne.", u64(1n), 0),
      "should have 4 bytes, but the file ends after 1",
    ],
    [
      "a storage of 2^50 elements",
      legacy(tensorPickle(String(2 ** 50), "0", "I1\n", "I1\n"), "](S'0'\ne.", u64(2n ** 50n)),
      "but the file ends after 0",
    ],
    ["something behind the end", legacy("N.", "].", 0), "1 bytes that belong to nothing"],
  ])("%s", async (_name, file, text) => {
    expect((await errorOf(file)).message).toContain(text);
  });
});
