import { ArgumentError } from "@kindling/autograd";
import { type Module, REGISTERED } from "./module.js";

/*
 * Names of what modules hold, and paths of names with dots between them.
 */

/** The path of `name` below `path`. */
export const join = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);
/** The last name of a path. */
export const lastOf = (path: string): string => path.slice(path.lastIndexOf(".") + 1);

/** Named values, each value once, under its first name. */
export function distinct<T>(named: [string, T][]): [string, T][] {
  const seen = new Set<T>();
  return named.filter(([, value]) => !seen.has(value) && seen.add(value));
}

/** What a module holds under a name. @throws ArgumentError where that is nothing */
export function member(module: Module, name: string): unknown {
  const entry = module[REGISTERED]().find(([key]) => key === name);
  const found = entry?.[1] ?? (module as unknown as Record<string, unknown>)[name];
  if (found === undefined) {
    throw new ArgumentError(`${module.constructor.name} has no attribute \`${name}\``, { name });
  }
  return found;
}

/** What a value is, for error texts. */
export const kindOf = (value: unknown): string =>
  typeof value === "object" ? (value?.constructor?.name ?? "object") : typeof value;
