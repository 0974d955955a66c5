import { ArgumentError, DTypeError, isDType } from "@kindling/storage";

/*
 * How operators take their arguments: by position in PyTorch's order, or by name in one trailing options object.
 * A signature is written once, as PyTorch writes it: "sum(self, dim=null, keepdim=false, *, dtype=null)".
 */

interface Parameter {
  readonly name: string;
  readonly required: boolean;
  readonly fallback: unknown;
}

/** A parsed signature. */
export interface Signature {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** How many of them may come by position. */
  readonly positional: number;
  /** Index of a parameter written `...sizes`, which takes all remaining positions or one array; -1 without. */
  readonly spread: number;
  /** Parameters by name. */
  readonly index: ReadonlyMap<string, number>;
  /** Those whose kind the signature tells: the ones that are true or false, and `dtype`. */
  readonly checked: readonly number[];
}

/** Reads a signature. Parameters behind `*` come by name only; defaults are JSON. */
export function signature(text: string): Signature {
  const open = text.indexOf("(");
  const parameters: Parameter[] = [];
  let positional = -1;
  let spread = -1;
  for (const part of text.slice(open + 1, -1).split(/,\s*(?![^[]*\])/)) {
    if (part === "") continue;
    if (part === "*") {
      positional = parameters.length;
      continue;
    }
    const [name, fallback] = part.split("=");
    if (name.startsWith("...")) {
      spread = parameters.length;
      positional = spread + 1;
      parameters.push({ name: name.slice(3), required: true, fallback: undefined });
    } else {
      parameters.push({
        name,
        required: fallback === undefined,
        fallback: fallback === undefined ? undefined : JSON.parse(fallback),
      });
    }
  }
  return {
    name: text.slice(0, open),
    parameters,
    positional: positional < 0 ? parameters.length : positional,
    spread,
    index: new Map(parameters.map((p, i) => [p.name, i])),
    checked: parameters.flatMap((p, i) => (typeof p.fallback === "boolean" || p.name === "dtype" ? [i] : [])),
  };
}

/** Refuses what is not true or false where the default is, and unknown dtypes. */
function checkKinds({ name, parameters, checked }: Signature, args: readonly unknown[]): void {
  for (const i of checked) {
    const value = args[i];
    const { name: argument, fallback } = parameters[i];
    if (typeof fallback === "boolean") {
      if (typeof value === "boolean") continue;
      throw new ArgumentError(`${name}(): argument '${argument}' must be boolean, not ${kindOf(value)}`, { argument });
    }
    if (value !== null && !isDType(value)) {
      throw new DTypeError(`${name}(): unknown dtype '${String(value)}'`, { dtype: value });
    }
  }
}

/** What a value is, for error texts. */
export const kindOf = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "array" : typeof value;

/** Whether a value can be an options object: a plain object, not a tensor, an array or an instance. */
export function isOptions(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * The arguments of a call in the order of the signature, defaults filled in.
 * @throws ArgumentError for too many, missing, unknown or repeated arguments.
 */
export function bind(sig: Signature, args: readonly unknown[]): unknown[] {
  const { parameters, spread } = sig;
  const bound = new Array<unknown>(parameters.length).fill(undefined);
  let given = args.length;
  while (given > 0 && args[given - 1] === undefined) given--; // as if absent
  const last = args[given - 1];
  const options = given > 0 && isOptions(last) ? last : null;
  if (options) given--;
  if (spread >= 0 && given > spread) {
    const rest = args.slice(spread, given);
    bound[spread] = rest.length === 1 && (Array.isArray(rest[0]) || rest[0] === null) ? rest[0] : rest;
    for (let i = 0; i < spread; i++) bound[i] = args[i];
  } else {
    if (given > sig.positional) {
      throw new ArgumentError(
        `${sig.name}() takes at most ${sig.positional} positional argument${sig.positional === 1 ? "" : "s"} (${given} given)`,
      );
    }
    for (let i = 0; i < given; i++) bound[i] = args[i];
  }
  if (options) {
    for (const key of Object.keys(options)) {
      const value = options[key];
      const i = sig.index.get(key);
      if (i === undefined) {
        const known = parameters.map((p) => p.name).filter((n) => n !== "self");
        throw new ArgumentError(
          `${sig.name}() got an unexpected keyword argument '${key}'` +
            (known.length ? ` (it knows ${known.join(", ")})` : ""),
          { argument: key },
        );
      }
      if (value === undefined) continue;
      if (bound[i] !== undefined) {
        throw new ArgumentError(`${sig.name}() got multiple values for argument '${key}'`, { argument: key });
      }
      bound[i] = value;
    }
  }
  for (let i = 0; i < parameters.length; i++) {
    if (bound[i] !== undefined) continue;
    if (parameters[i].required) {
      if (i === spread) bound[i] = [];
      else {
        throw new ArgumentError(`${sig.name}() missing required argument: '${parameters[i].name}'`, {
          argument: parameters[i].name,
        });
      }
    } else bound[i] = parameters[i].fallback;
  }
  return bound;
}

const BRAND = Symbol.for("kindling.Tensor");
/** Whether a value can be what an operator is applied to: a tensor, or, for those of two operands, a number. */
const isOperand = (value: unknown): boolean =>
  typeof value === "object"
    ? value !== null && (value as Record<symbol, unknown>)[BRAND] === true
    : typeof value === "number" || typeof value === "boolean" || typeof value === "bigint";

/**
 * An operator whose arguments are bound by `text`; `body` gets them complete, in order.
 * The type `F` is what callers see.
 */
// biome-ignore lint/suspicious/noExplicitAny: the body's parameters are typed where it is written
export function operator<F extends (...args: never[]) => unknown>(text: string, body: (...args: any[]) => unknown): F {
  const sig = signature(text);
  const all = sig.spread < 0 && sig.positional === sig.parameters.length ? sig.positional : -1;
  const ofSelf = sig.parameters[0]?.name === "self";
  const call = (...args: unknown[]): unknown => {
    // complete already, by position alone: the frequent case
    const complete = args.length === all && !isOptions(args[all - 1]) && !args.includes(undefined);
    const bound = complete ? args : bind(sig, args);
    if (ofSelf && !isOperand(bound[0])) {
      const text = `${sig.name}(): argument 'self' (position 1) must be Tensor, not ${kindOf(bound[0])}`;
      throw new ArgumentError(text, { operation: sig.name, argument: "self" });
    }
    if (sig.checked.length > 0) checkKinds(sig, bound);
    return body(...bound);
  };
  Object.defineProperty(call, "name", { value: sig.name });
  signatures.set(call as unknown as F, text);
  return call as unknown as F;
}

/** The signatures of all operators made by `operator`, for the documentation. */
export const signatures = new Map<(...args: never[]) => unknown, string>();
