import { Dict, Foreign, Instance, Known, Members, Tuple, Unfit } from "./values.js";

/* Python's own harmless constructors. */

/** The items of a list, tuple or set. */
export function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (value instanceof Tuple || value instanceof Members) return value.items;
  throw new Unfit("a list or tuple is expected among the arguments");
}

function dict(name: string, args: readonly unknown[]): Dict {
  const made = new Dict();
  const [from] = args;
  if (from instanceof Dict) for (const [key, value] of from.entries) made.set(key, value);
  else if (from !== undefined) {
    for (const pair of itemsOf(from)) {
      const [key, value, more] = itemsOf(pair);
      if (value === undefined || more !== undefined) throw new Unfit(`${name} of what are no pairs`);
      made.set(key, value);
    }
  }
  return made;
}

const members = (args: readonly unknown[]): Members => {
  const made = new Members();
  for (const item of args.length > 0 ? itemsOf(args[0]) : []) made.items.push(item);
  return made;
};

/** `bytes` and `bytearray`, as protocol 2 writes them. */
function bytes(args: readonly unknown[]): Uint8Array {
  const [from, encoding] = args;
  if (from === undefined) return new Uint8Array();
  if (from instanceof Uint8Array) return from;
  if (typeof from === "string" && encoding !== undefined) return encoded(args);
  throw new Unfit("bytes of what is no text");
}

/** Characters below 256 as bytes: how Python 2's protocol carries bytes. */
function encoded([text, encoding]: readonly unknown[]): Uint8Array {
  if (typeof text !== "string" || typeof encoding !== "string" || !/^latin[-_]?1$/.test(encoding))
    throw new Unfit("_codecs.encode of something else than latin1");
  const made = new Uint8Array(text.length);
  for (let i = 0; i < made.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255) throw new Unfit("a character that is no byte");
    made[i] = code;
  }
  return made;
}

/** The way of protocols 0 and 1 to make an object without its class's help. */
function reconstructed([type, base, state]: readonly unknown[]): Instance {
  if (!(type instanceof Foreign)) throw new Unfit("copyreg._reconstructor of a known class");
  if (!(base instanceof Known) || base.name !== "builtins.object" || state !== null)
    throw new Unfit(`the file wants ${type.name} made by its base class, which is not read here`);
  return new Instance(type);
}

const makers: Readonly<Record<string, ((args: readonly unknown[]) => unknown) | null>> = {
  "builtins.object": null,
  "builtins.int": null,
  "builtins.long": null, // as protocol 2 calls int
  "builtins.float": null,
  "builtins.str": null,
  "builtins.unicode": null, // and str
  "builtins.bool": null,
  "builtins.bytes": bytes,
  "builtins.bytearray": bytes,
  "builtins.list": ([from]) => (from === undefined ? [] : [...itemsOf(from)]),
  "builtins.tuple": ([from]) => new Tuple(from === undefined ? [] : [...itemsOf(from)]),
  "builtins.dict": (args) => dict("dict", args),
  "builtins.set": members,
  "builtins.frozenset": members,
  "collections.OrderedDict": (args) => dict("OrderedDict", args),
  "collections.Counter": (args) => dict("Counter", args),
  "collections.defaultdict": ([, ...args]) => dict("defaultdict", args),
  "collections.deque": ([from]) => (from === undefined ? [] : [...itemsOf(from)]),
  "_codecs.encode": encoded,
  "copyreg._reconstructor": reconstructed,
};

/** Names of Python's own that a file may use. */
export const python: ReadonlyMap<string, unknown> = new Map(
  Object.entries(makers).map(([name, make]) => [name, new Known(name, make)]),
);
