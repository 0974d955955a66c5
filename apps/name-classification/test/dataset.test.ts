import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "app-common";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MAX_LETTERS, type Sample, splitSamples } from "../src/dataset.js";
import { readNames } from "../src/dataset-node.js";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "names-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(files: Record<string, string | Uint8Array>): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}

function problem(): string {
  try {
    readNames(folder);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message.replaceAll(folder, "DIR");
  }
  return "no error";
}

test("languages are sorted, names normalised, blank lines skipped; a mark at the start and CRLF do no harm", () => {
  write({
    "b.txt": "\uFEFFMüller\r\n\r\n  Groß \r\n",
    "A.txt": "Lee\n\nO'Hara",
    "README.md": "not data",
    ".x.txt": "",
  });
  expect(readNames(folder)).toEqual({
    languages: ["A", "b"],
    samples: [
      { name: "Lee", text: "Lee", language: 0 },
      { name: "O'Hara", text: "O'Hara", language: 0 },
      { name: "Müller", text: "Muller", language: 1 },
      { name: "Groß", text: "Gro_", language: 1 },
    ],
  });
});

test("bad folders and files are refused with the place named", () => {
  expect(problem()).toBe("DIR has no .txt files: it needs one LANGUAGE.txt for each language, one name a line");
  write({ "A.txt": "Lee\n" });
  expect(problem()).toBe("DIR has one language only (A.txt): telling names apart needs at least two");
  write({ "B.txt": "\n  \n" });
  expect(problem()).toBe("DIR/B.txt has no names in it");
  write({ "B.txt": "" });
  expect(problem()).toBe("DIR/B.txt has no names in it");
  write({ "B.txt": `Kim\n${"é".repeat(10_000)}\n` });
  expect(problem()).toBe(`DIR/B.txt, line 2: a name of 10000 letters, the longest allowed is ${MAX_LETTERS}`);
  write({ "B.txt": "Kim\n\u0301\n" });
  expect(problem()).toBe("DIR/B.txt, line 2: a name of accents without any letter");
  write({ "B.txt": Uint8Array.of(0x4b, 0x0a, 0xc3, 0xa9, 0x61, 0xe9, 0x0a) });
  expect(problem()).toBe("DIR/B.txt is not UTF-8: broken at byte 5 (line 2); save the file as UTF-8");
  mkdirSync(join(folder, "C.txt"));
  write({ "B.txt": "Kim" });
  expect(problem()).toBe("cannot read DIR/C.txt: it is a folder, not a file");
  expect(() => readNames(join(folder, "none"))).toThrow(
    /^cannot read the data folder .*none: there is no such file or folder$/,
  );
  expect(() => readNames(join(folder, "A.txt"))).toThrow(/it is not a folder$/);
});

const backwards = (n: number) => Int32Array.from({ length: n }, (_, i) => n - 1 - i);

test("the tutorial's split takes all lines, the default split drops repeated pairs first", () => {
  const samples: Sample[] = Array.from({ length: 20 }, (_, i) => ({
    name: `${i}`,
    text: "abcdefghij"[i >> 1],
    language: i & 1,
  }));
  samples.push({ name: "é", text: "a", language: 0 });
  const all = splitSamples(samples, "tutorial", backwards);
  expect([all.train.length, all.test.length]).toEqual([17, 4]);
  expect(all.train[0]?.name).toBe("é");
  const once = splitSamples(samples, "default", backwards);
  expect([once.train.length, once.test.length]).toEqual([17, 3]);
  expect(once.train[0]?.name).toBe("19");
  expect(once.test.map(({ name }) => name)).toEqual(["2", "1", "0"]);
  expect(() => splitSamples(samples.slice(0, 1), "default", backwards)).toThrow(UsageError);
});
