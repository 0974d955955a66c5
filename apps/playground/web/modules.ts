import * as train from "@kindling/train";
import * as viz from "@kindling/viz";
import * as kindling from "kindling";
import type { Names } from "./messages.js";

const MODULES: Record<string, object> = { kindling, "@kindling/train": train, "@kindling/viz": viz };

const strict = new Map(Object.entries(MODULES).map(([name, module]) => [name, checked(name, module)]));

/** What a program gets for an import. */
export function load(name: string): object {
  const module = strict.get(name);
  if (module) return module;
  const known = [...strict.keys()].map((other) => `"${other}"`).join(", ");
  throw new Error(`there is no "${name}" here; a program may import ${known}`);
}

/** A module as compiled imports read it; a name that it does not export is an error where it is used, not `undefined`. */
function checked(name: string, module: object): object {
  return new Proxy(
    { ...module, __esModule: true },
    {
      get(target, key) {
        if (typeof key === "symbol" || key in target || key === "then") return Reflect.get(target, key);
        if (key === "default")
          throw new Error(`"${name}" has no default export; write: import * as torch from "${name}"`);
        throw new Error(`"${name}" exports no ${key}`);
      },
    },
  );
}

/** What the editor completes: the namespaces under the names that programs give them. */
export function exportedNames(): Names {
  const all = namesOf(kindling, 2);
  return { ...all, torch: all, show: 0 };
}

const namesOf = (module: object, depth: number): Names =>
  Object.fromEntries(
    Object.entries(module).map(([name, value]) => [
      name,
      depth > 0 && typeof value === "object" && value !== null && value[Symbol.toStringTag] === "Module"
        ? namesOf(value, depth - 1)
        : 0,
    ]),
  );
