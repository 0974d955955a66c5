import { KindlingError } from "@kindling/autograd";

/** A file that is not what it should be. `file` and `place` say where. */
export class FormatError extends KindlingError {
  declare readonly file: string;
  declare readonly place: string;

  constructor(file: string, place: string, problem: string) {
    super(`${file}, ${printable(place)}: ${printable(problem)}`, { file, place });
  }
}

/** Text that may hold anything out of a file, without what would do things to a terminal. */
const printable = (text: string): string =>
  text.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`);

/** A name out of a file, for an error: in quotes, without control characters, and not without end. */
export const quoted = (name: string): string => JSON.stringify(name.length > 100 ? `${name.slice(0, 100)}…` : name);

/** A value out of a file, for an error or a comparison: of a list, which may hold itself many times over, only what it is. */
export const shown = (value: unknown): string =>
  typeof value === "object" && value !== null ? "an object" : String(value).slice(0, 100);

/** JSON out of a file as text again; `null` where it is nested too deep for that. */
export function jsonOf(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? "nothing";
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Where errors say that an entry of an archive is broken. */
export const entryPlace = (name: string): string => `entry ${quoted(name)}`;
