/** Stands for every letter that {@link SYMBOLS} has no place for. */
export const UNKNOWN = "_";

/** The 58 symbols a name is made of after {@link normalise}; a symbol's index is its place in the one-hot input. */
export const SYMBOLS = `abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ .,;'${UNKNOWN}`;

const indices = new Map([...SYMBOLS].map((symbol, index) => [symbol, index]));

/** Takes accents off (NFD without category Mn) and writes "_" for each letter that is still unknown: "Dvořák-ß" → "Dvorak__". */
export function normalise(name: string): string {
  let text = "";
  for (const letter of name.normalize("NFD")) {
    if (/\p{Mn}/u.test(letter)) continue;
    text += indices.has(letter) ? letter : UNKNOWN;
  }
  return text;
}

/** The symbol indices of a normalised name, shape (letters). */
export function encode(text: string): Int32Array {
  return Int32Array.from(text, (symbol) => indices.get(symbol) ?? SYMBOLS.length - 1);
}
