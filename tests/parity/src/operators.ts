import * as autograd from "@kindling/autograd";
import * as nn from "@kindling/nn";
import { camel, Tuple } from "./values.js";

/*
 * How a recorded operator is called here. Most have the same name (in camelCase) and the same arguments.
 */

type Arguments = readonly unknown[];
type Options = Record<string, unknown>;
export type Call = (args: Arguments, options: Options) => unknown;

const { isTensor } = autograd;
// biome-ignore lint/suspicious/noExplicitAny: names that come from data
const roots: any = { ...autograd, nn };
// biome-ignore lint/suspicious/noExplicitAny: names that come from data
const prototype = autograd.Tensor.prototype as any;

const withOptions = (args: Arguments, options: Options): unknown[] =>
  Object.keys(options).length > 0 ? [...args, options] : [...args];

/** The function or, where there is none, the method of that name (`nn.functional.conv2d`). */
function named(name: string): ((...args: unknown[]) => unknown) | null {
  // biome-ignore lint/suspicious/noExplicitAny: names that come from data
  let value: any = roots;
  for (const part of name.split(".")) value = value?.[camel(part)];
  if (typeof value === "function") return value;
  const method = name.includes(".") ? undefined : Object.getOwnPropertyDescriptor(prototype, camel(name));
  if (typeof method?.value === "function") return (self, ...rest) => method.value.call(self, ...rest);
  if (method?.get !== undefined) return (self) => method.get?.call(self);
  return null;
}

/** Operators whose recorded arguments are those of a wrapper, or whose name is not a word here. */
const special: Record<string, { needs: string; call: (f: (...args: unknown[]) => unknown) => Call }> = {
  __getitem__: {
    needs: "at",
    call:
      (at) =>
      ([self, index]) =>
        at(self, ...indices(index)),
  },
  slice: {
    needs: "at",
    call:
      (at) =>
      ([self, dim = 0, start = null, end = null, step = 1]) =>
        at(
          self,
          ...new Array<string>(dim as number).fill(":"),
          autograd.slice(start as null, end as null, step as number),
        ),
  },
  index_put: {
    needs: "index_put",
    call: (put) => (args, options) =>
      put(...withOptions([args[0], args[1] instanceof Tuple ? args[1].items : args[1], ...args.slice(2)], options)),
  },
  __radd__: swapped("add"),
  __rmul__: swapped("mul"),
  __rsub__: swapped("sub"),
  __rdiv__: swapped("div"),
  __rmod__: swapped("remainder"),
  // the recorded wrapper copies the base
  __rpow__: {
    needs: "pow",
    call:
      (pow) =>
      ([self, other]) =>
        pow(isTensor(other) ? other.detach() : other, self),
  },
  __rand__: swapped("bitwise_and"),
  __ror__: swapped("bitwise_or"),
  __rxor__: swapped("bitwise_xor"),
  __rmatmul__: swapped("matmul"),
  where: {
    needs: "where",
    call:
      (where) =>
      ([self, condition, other]) =>
        where(condition, self, other),
  },
  einsum: {
    needs: "einsum",
    call:
      (einsum) =>
      ([tensors, equation]) =>
        einsum(equation, ...(tensors as unknown[])),
  },
  fill: {
    needs: "fill_",
    call:
      (fill) =>
      ([self], { value }) =>
        fill((self as autograd.Tensor).clone(), value),
  },
  zero_: {
    needs: "zero_",
    call:
      (zero) =>
      ([self]) =>
        zero((self as autograd.Tensor).clone()),
  },
  "nn.functional.embedding": {
    needs: "nn.functional.embedding",
    call: (embedding) => (args, options) => embedding(...withOptions([args[1], args[0], ...args.slice(2)], options)),
  },
  "nn.functional.embedding_bag": {
    needs: "nn.functional.embedding_bag",
    call: (bag) => (args, options) => bag(...withOptions([args[1], args[0], ...args.slice(2)], options)),
  },
  // the recorded wrapper seeds the generator
  "nn.functional.rrelu": {
    needs: "nn.functional.rrelu",
    call: (rrelu) => (args, options) => {
      autograd.manualSeed(42);
      return rrelu(...withOptions(args, options));
    },
  },
  "linalg.lstsq__grad_oriented": {
    needs: "linalg.lstsq",
    call:
      (lstsq) =>
      ([a, b, driver = null], options) =>
        (lstsq(a, b, { driver, ...options }) as unknown[])[0],
  },
  "linalg.pinv__singular": {
    needs: "linalg.pinv",
    call:
      (pinv) =>
      ([a, b]) =>
        pinv((a as autograd.Tensor).matmul((b as autograd.Tensor).mT)),
  },
  polygamma: {
    needs: "polygamma",
    call:
      (polygamma) =>
      ([x, n], options) =>
        polygamma(n ?? options.n, x),
  },
};

/** Python takes a list that holds lists or slices for a tuple; here an array is always one index. */
function indices(index: unknown): readonly unknown[] {
  if (index instanceof Tuple) return index.items;
  const nested = Array.isArray(index) && index.some((i) => i === null || i === "..." || typeof i === "object");
  return nested ? (index as unknown[]) : [index];
}

function swapped(needs: string): (typeof special)[string] {
  return { needs, call: (f) => (args, options) => f(...withOptions([args[1], args[0]], options)) };
}

/** How to call the operator (in the variant that a file is of), or `null` where there is none yet. */
export function callOf(op: string, file = op): Call | null {
  const way = special[file] ?? special[op];
  const f = named(way?.needs ?? op);
  if (f === null) return null;
  return way ? way.call(f) : (args, options) => f(...withOptions(args, options));
}

const plain = (value: unknown): unknown => (value instanceof Tuple ? value.items : value);

/** The method of a name, or `null`. */
export function methodOf(name: string): Call | null {
  const method = Object.getOwnPropertyDescriptor(prototype, name)?.value as ((...a: unknown[]) => unknown) | undefined;
  return method ? (args, options) => method.call(args[0], ...withOptions(args.slice(1).map(plain), options)) : null;
}

/** PyTorch's text in our names. */
export const inOurNames = (text: string): string =>
  text
    .replace(/torch\.(?=\w)/g, "")
    .replace(/\bTrue\b/g, "true")
    .replace(/\bFalse\b/g, "false")
    .replace(/\bNone\b/g, "null")
    .replace(/\b[a-z]+(_[a-z0-9]+)+_?\b/g, camel)
    .replace(/(?<=[a-z0-9])(WithIndices)?OutCpuTemplate(?=\(\))/, "") // the function inside that complains
    .replace(/argument 'input' (?=\(position 1\))/, "argument 'self' ")
    .replace(/ must be Tensor, not int$/, " must be Tensor, not number");
