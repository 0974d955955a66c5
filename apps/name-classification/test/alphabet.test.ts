import { expect, test } from "vitest";
import { encode, normalise, SYMBOLS } from "../src/alphabet.js";

test("there are 57 letters and one symbol for all others", () => {
  expect(SYMBOLS).toHaveLength(58);
  expect(SYMBOLS.slice(51)).toBe("Z .,;'_");
});

test.each([
  ["Dvořák", "Dvorak"],
  ["Nguyễn", "Nguyen"],
  ["Ó Briain", "O Briain"],
  ["O'Neill", "O'Neill"],
  ["Łukasik", "_ukasik"],
  ["Groß", "Gro_"],
  ["Al-Amin", "Al_Amin"],
  ["𝒜b", "_b"],
  ["Dvor\u030ca\u0301k", "Dvorak"],
])("%s is read as %s", (name, text) => {
  expect(normalise(name)).toBe(text);
  expect(normalise(text)).toBe(text);
});

test("encode gives each symbol's place", () => {
  expect([...encode("aZ_")]).toEqual([0, 51, 57]);
});
