import { Dict, Foreign, Known, Members, Tuple } from "./values.js";

/* What the machine is given, what it gives, and how it counts. */

export interface Unpickled {
  readonly value: unknown;
  /** Where the pickle ends. */
  readonly end: number;
  /** All names that are on no list. */
  readonly foreign: readonly Foreign[];
}

export interface Context {
  /** For errors. */
  readonly file: string;
  /** What errors call the pickle, in front of the byte: `"data.pkl, "`. */
  readonly place: string;
  /** What a name stands for; `undefined` for what is on no list. */
  known(name: string): unknown;
  /** What a persistent id stands for, such as a storage. Throws Unfit where it is none. */
  persistent(id: unknown): unknown;
}

/** Steps that a call with these arguments counts for: each is looked at, and what is made may be a copy of them. */
export const copied = (args: readonly unknown[]): number => args.reduce((sum: number, arg) => sum + 1 + weight(arg), 0);

/** What a state consists of. */
export function partsOf(state: unknown): readonly unknown[] {
  if (Array.isArray(state)) return state;
  return state instanceof Tuple || state instanceof Members ? state.items : [];
}

/** Steps that a copy of a value counts for. */
function weight(value: unknown): number {
  if (typeof value === "string" || value instanceof Uint8Array) return value.length >> 6;
  if (Array.isArray(value)) return value.length;
  if (value instanceof Tuple || value instanceof Members) return value.items.length;
  return value instanceof Dict ? value.entries.size : 0;
}

/** Modules that Python 3 gave other names. */
const renamed: Readonly<Record<string, string>> = { __builtin__: "builtins", copy_reg: "copyreg" };

export const fullName = (module: string, name: string): string => `${renamed[module] ?? module}.${name}`;

/** What errors call a thing that should be called. */
export const nameOf = (type: unknown): string =>
  type instanceof Foreign || type instanceof Known ? type.name : "something that is no class or function";
