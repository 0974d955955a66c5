import { InvalidArgumentError, Option } from "commander";

/** An option that takes one of the values, the first by default. */
export function choice(flags: string, description: string, values: string[]): Option {
  return new Option(flags, description).choices(values).default(values[0]);
}

/** Reads a whole number from `min` to `max`. */
export function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** Reads a number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("It must be a number above 0.");
}

/** Examples for the end of a command's help, each behind `prefix`. */
export const examples = (prefix: string, ...lines: string[]): string =>
  `\nExamples:\n${lines.map((line) => `  ${prefix} ${line}`.trimEnd()).join("\n")}\n`;
