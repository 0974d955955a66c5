import { ArgumentError } from "@kindling/autograd";
import { isModule, type Module, REGISTERED, type Registered } from "./module.js";

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

/** What is registered of a kind, by name: a module's own members, then those of the modules below it. */
export function membersOf<T extends Registered>(
  module: Module,
  is: (value: unknown) => value is T,
  prefix: string,
  recurse: boolean,
  removeDuplicate = true,
): [name: string, member: T][] {
  const members: [string, T][] = [];
  const seen = new Set<Registered>();
  const isNew = (value: Registered): boolean => !removeDuplicate || (!seen.has(value) && seen.add(value) === seen);
  const visit = (path: string, holder: Module): void => {
    if (!isNew(holder)) return;
    const registered = holder[REGISTERED]();
    for (const [name, value] of registered) if (is(value) && isNew(value)) members.push([join(path, name), value]);
    if (!recurse) return;
    for (const [name, value] of registered) if (isModule(value)) visit(join(path, name), value);
  };
  visit(prefix, module);
  return members;
}

/** What a module holds under a name. @throws ArgumentError where that is nothing */
export function member(module: Module, name: string): unknown {
  const entry = module[REGISTERED]().find(([key]) => key === name);
  const found = entry?.[1] ?? (module as unknown as Record<string, unknown>)[name];
  if (found === undefined) {
    throw new ArgumentError(`${module.constructor.name} has no attribute \`${name}\``, { attribute: name });
  }
  return found;
}

/** What stands at a dotted path that does not end at a module. */
export function leafAt(module: Module, target: string): unknown {
  const cut = target.lastIndexOf(".");
  return member(module.getSubmodule(cut < 0 ? "" : target.slice(0, cut)), lastOf(target));
}

/** Refuses what cannot name something to register. @throws ArgumentError */
export function checkName(module: Module, kind: string, name: unknown, is: (value: unknown) => boolean): void {
  if (typeof name !== "string") throw new ArgumentError(`${kind} name should be a string. Got ${kindOf(name)}`);
  if (name === "") throw new ArgumentError(`${kind} name can't be empty string ""`);
  if (name.includes(".")) {
    throw new ArgumentError(`${kind} name can't contain "."${kind === "module" ? `, got: ${name}` : ""}`, {
      attribute: name,
    });
  }
  const existing = (module as unknown as Record<string, unknown>)[name];
  if (existing !== undefined && existing !== null && !is(existing)) {
    throw new ArgumentError(`attribute '${name}' already exists`, { attribute: name });
  }
}

/** What a value is, for error texts. */
export const kindOf = (value: unknown): string =>
  value === null ? "null" : typeof value === "object" ? (value.constructor?.name ?? "object") : typeof value;
