import { describe, expect, it } from "vitest";
import { load } from "../src/index.js";
import { ascii, bytes, errorOf, named, u32, u64 } from "./hostile.js";

/* Headers that somebody broke, and files that are something else: refused with an error that says what and where. */

describe(".npy files", () => {
  const npy = (header: string, data: Uint8Array = bytes(), major = 1): Uint8Array =>
    bytes("\x93NUMPY", major, 0, header.length & 255, header.length >> 8, ...(major > 1 ? [0, 0] : []), header, data);

  it.each<[string, Uint8Array, string]>([
    ["a head alone", bytes("\x93NUMPY\x01"), "should have 10 bytes"],
    ["version 9", npy("", bytes(), 9), ".npy version 9.0 is unknown"],
    ["a header of 4 GB", bytes("\x93NUMPY\x02\0\xff\xff\xff\xff"), "a header of 4294967295 bytes"],
    ["a header that is cut off", npy("{'descr'").slice(0, -3), "the header should have 8 bytes"],
    ["a program", npy("__import__('os').system('x')"), "not a Python literal"],
    ["deep brackets", npy("(".repeat(5000)), "nested more than 20 deep"],
    ["no dictionary", npy("(1, 2)"), "not a dictionary of descr, fortran_order, shape"],
    ["a key too many", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (), 'x': 1}"), "not a dictionary of"],
    [
      "a key twice",
      npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}"),
      "'descr' is there twice",
    ],
    ["something behind the dtype", npy("{'descr': '<f4[ns]', 'fortran_order': False, 'shape': ()}"), 'dtype "<f4[ns]"'],
    ["no order", npy("{'descr': '<f4', 'fortran_order': 1, 'shape': ()}"), "neither True nor False"],
    ["a shape that is a number", npy("{'descr': '<f4', 'fortran_order': False, 'shape': 3}"), "shape is not a tuple"],
    ["a negative size", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}"), "not a Python literal"],
    [
      "2^60 elements",
      npy(`{'descr': '<f4', 'fortran_order': False, 'shape': (${2n ** 60n},)}`),
      "not a tuple of whole numbers",
    ],
    [
      "2^30 × 2^30 elements",
      npy(`{'descr': '<f4', 'fortran_order': False, 'shape': (${2 ** 30}, ${2 ** 30})}`),
      "more elements than there are numbers",
    ],
    ["2^40 elements", npy(`{'descr': '<f4', 'fortran_order': True, 'shape': (${2 ** 40},)}`), "but the file has 0"],
    [
      "too few",
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", bytes("1234567")),
      "takes 8 bytes, but the file has 7",
    ],
    [
      "too many",
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", bytes("123456789")),
      "takes 8 bytes, but the file has 9",
    ],
  ])("%s", async (_name, file, text) => {
    expect((await errorOf(file, "evil.npy")).message).toContain(text);
  });
});

describe("JSON", () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const file = (header: string): Uint8Array => bytes(u64(BigInt(header.length)), header, u32(0));

  it.each<[string, Uint8Array, string, string]>([
    [
      "a dtype of 100,000 levels",
      file(`{"a":{"dtype":${deep},"shape":[],"data_offsets":[0,4]}}`),
      "x.safetensors",
      "an object",
    ],
    [
      "65 dimensions",
      file(`{"a":{"dtype":"F32","shape":[${Array.from({ length: 65 }, () => 1)}],"data_offsets":[0,4]}}`),
      "x.safetensors",
      "a shape of 65 dimensions",
    ],
    ["a file's name of 100,000 levels", ascii(`{"weight_map":{"a":${deep}}}`), "x.json", "no safetensors file beside"],
  ])("%s", async (_name, content, name, text) => {
    expect((await errorOf(content, name)).message).toContain(text);
  });

  it("metadata of 100,000 levels, as far as the engine writes them", async () => {
    const read = load<unknown>(named(ascii(`{"weight_map":{},"metadata":{"a":${deep}}}`), "x.json"));
    let written = true;
    try {
      JSON.stringify(JSON.parse(deep));
    } catch {
      written = false;
    }
    if (written) await read;
    else await expect(read).rejects.toThrow("nested too deep");
  });
});

describe("anything else", () => {
  it.each<[string, string, string]>([
    ["", "x.pt", "the file is empty"],
    ["abc", "x.pt", "neither safetensors, nor a file of PyTorch"],
    ["version https://git-lfs.github.com/spec/v1\n", "x.safetensors", "a header of"],
    ["version https://git-lfs.github.com/spec/v1\n", "x.bin", "a pointer of git-lfs"],
    ["<!DOCTYPE html><html>", "x.pth", "a web page"],
    ["\x89HDF\r\n", "x.h5", "an HDF5 file"],
    ['{"a": 1}', "x.json", "not the index of safetensors files"],
  ])("%j as %s", async (content, name, text) => {
    expect((await errorOf(ascii(content), name)).message).toContain(text);
  });
});
