/*
 * How modules show their settings: as PyTorch prints them, with JavaScript's names for true, false and null.
 */

/** A number that is a real one by its meaning, as Python prints it: `1.0`, `1e-05`. */
export function real(x: number): string {
  if (Number.isInteger(x) && Math.abs(x) < 1e16) return `${Object.is(x, -0) ? "-0" : x}.0`;
  const magnitude = Math.abs(x);
  const text = magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e16) ? x.toExponential() : String(x);
  return text
    .replace("Infinity", "inf")
    .replace("NaN", "nan")
    .replace(/e([+-])(\d)$/, "e$10$2");
}

/** Numbers as a tuple: `(3, 4)`, `(3,)`. */
export const tuple = (values: readonly number[]): string =>
  values.length === 1 ? `(${values[0]},)` : `(${values.join(", ")})`;

/** `name=value` for each setting, joined. */
export const settings = (values: Readonly<Record<string, number | string | boolean | null>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");

/** `text` with every line but the first moved right by two. */
export const indented = (text: string): string => text.replaceAll("\n", "\n  ");
