import { ArgumentError, numelOf, ShapeError } from "@kindling/storage";
import type { Tensor } from "../tensor.js";
import { bmm } from "./matmul.js";
import { diagonal } from "./parts.js";
import { mul } from "./pointwise.js";
import { resultType } from "./promotion.js";
import { sum } from "./reduction.js";
import { to } from "./shape.js";
import { expectTensor } from "./table.js";
import { expand, permute, reshape } from "./views.js";

/** A tensor whose dimensions have names: letters, and `.0`, `.1`, … for what "..." covers. */
interface Labelled {
  readonly x: Tensor;
  readonly labels: readonly string[];
}

/**
 * Sums of products by Einstein's convention: `einsum("bij,bjk->bik", a, b)`; without `->` the result's indices are those that
 * occur once, in alphabetic order. "..." stands for leading dimensions that broadcast. Operands are joined from the left, each
 * time by one batched matrix product.
 */
export function einsum(equation: string, ...tensors: (Tensor | readonly Tensor[])[]): Tensor {
  if (typeof equation !== "string") {
    throw new ArgumentError(`einsum(): argument 'equation' (position 1) must be string, not ${typeof equation}`);
  }
  const operands = tensors.flat() as Tensor[];
  const [left, right] = equation.replace(/\s/g, "").split("->");
  const terms = left.split(",");
  if (terms.length !== operands.length) {
    const few = operands.length < terms.length ? "fewer" : "more";
    throw new ArgumentError(`einsum(): ${few} operands were provided than specified in the equation`, { equation });
  }
  const named = operands.map((x, i) => {
    expectTensor(x, "einsum", `tensors[${i}]`);
    return label(x, terms[i], i);
  });
  const out = outputLabels(left, right, named);
  checkSizes(named);
  const joined = named
    .map(takeDiagonals)
    .reduce((a, b, i) => join(a, b, new Set([...out, ...named.slice(i + 1).flatMap((n) => n.labels)])));
  const { x, labels } = sumOut(joined, new Set(out));
  const order = out.filter((l) => labels.includes(l));
  return permute(
    x,
    order.map((l) => labels.indexOf(l)),
  );
}

/** The letters of a term, with the dimensions that "..." covers, of which there are `count`. */
function split(term: string, count: number, where: string): string[] {
  const [front, back, more] = term.split("...");
  const letters = [...front, ...(back ?? "")];
  const odd = letters.find((c) => !/[A-Za-z]/.test(c));
  if (odd === "." || more !== undefined) {
    throw new ArgumentError(`einsum(): found '.' for ${where} that is not part of any ellipsis`, { term });
  }
  if (odd !== undefined) {
    throw new ArgumentError(
      `einsum(): invalid subscript '${odd}' in the equation string, subscripts must be in [a-zA-Z]`,
    );
  }
  if (back === undefined) return letters;
  // what an ellipsis covers is aligned at its end: its last dimension is `.0`
  return [...front, ...Array.from({ length: count }, (_, i) => `.${count - 1 - i}`), ...back];
}

function label(x: Tensor, term: string, i: number): Labelled {
  const labels = split(term, Math.max(x.ndim - term.replace("...", "").length, 0), `operand ${i}`);
  if (labels.length !== x.ndim) {
    const given = labels.length;
    throw new ShapeError(
      term.includes("...")
        ? `einsum(): the number of subscripts in the equation (${given}) is more than the number of dimensions (${x.ndim}) for operand ${i}`
        : `einsum(): the number of subscripts in the equation (${given}) does not match the number of dimensions (${x.ndim}) for operand ${i} and no ellipsis was given`,
      { term, shape: x.shape },
    );
  }
  return { x, labels };
}

function outputLabels(left: string, right: string | undefined, named: readonly Labelled[]): string[] {
  const dots = named.map(({ labels }) => labels.filter((l) => l.startsWith(".")).length);
  const count = Math.max(0, ...dots);
  const letters = left.replace(/[^A-Za-z]/g, "");
  const once = [...letters].filter((c) => letters.split(c).length === 2).sort();
  const out = split(right ?? `${count > 0 ? "..." : ""}${once.join("")}`, count, "the output");
  for (const [i, l] of out.entries()) {
    if (out.indexOf(l) !== i) {
      throw new ArgumentError(`einsum(): output subscript ${l} appears more than once in the output`);
    }
    if (!l.startsWith(".") && !letters.includes(l)) {
      throw new ArgumentError(`einsum(): output subscript ${l} does not appear in the equation for any input operand`);
    }
  }
  return out;
}

function checkSizes(named: readonly Labelled[]): void {
  const seen = new Map<string, number>();
  for (const [i, { x, labels }] of named.entries()) {
    for (const [d, l] of labels.entries()) {
      const size = x.shape[d];
      const before = seen.get(l) ?? 1;
      const first = labels.indexOf(l);
      if (first !== d && x.shape[first] !== size) {
        throw new ShapeError(
          `einsum(): subscript ${l} is repeated for operand ${i} but the sizes don't match, ${size} != ${x.shape[first]}`,
        );
      }
      if (size !== before && size !== 1 && before !== 1) {
        throw new ShapeError(
          `einsum(): subscript ${l} has size ${size} for operand ${i} which does not broadcast with previously seen size ${before}`,
          { operand: i, size, before },
        );
      }
      if (size !== 1) seen.set(l, size);
    }
  }
}

/** Repeated labels of one operand as its diagonal; the joint dimension comes last. */
function takeDiagonals({ x, labels }: Labelled): Labelled {
  const i = labels.findIndex((l, d) => labels.indexOf(l, d + 1) >= 0);
  if (i < 0) return { x, labels };
  const j = labels.indexOf(labels[i], i + 1);
  return takeDiagonals({
    x: diagonal(x, 0, i, j),
    labels: [...labels.filter((_, d) => d !== i && d !== j), labels[i]],
  });
}

/** Sums over what is not kept. */
function sumOut({ x, labels }: Labelled, keep: ReadonlySet<string>): Labelled {
  const gone = labels.flatMap((l, d) => (keep.has(l) ? [] : [d]));
  if (gone.length === 0) return { x, labels };
  return { x: sum(x, gone), labels: labels.filter((l) => keep.has(l)) };
}

/** The product of two operands, summed over the labels that nobody needs any more. */
function join(a: Labelled, b: Labelled, keep: ReadonlySet<string>): Labelled {
  const left = sumOut(a, new Set([...keep, ...b.labels]));
  const right = sumOut(b, new Set([...keep, ...a.labels]));
  const shared = left.labels.filter((l) => right.labels.includes(l));
  const batch = shared.filter((l) => keep.has(l));
  const summed = shared.filter((l) => !keep.has(l));
  const rows = left.labels.filter((l) => !shared.includes(l));
  const columns = right.labels.filter((l) => !shared.includes(l));
  const labels = [...batch, ...rows, ...columns];
  if (summed.length === 0) {
    return { x: mul(arranged(left, labels, new Map()), arranged(right, labels, new Map())), labels };
  }
  const sizes = new Map(
    shared.map((l) => {
      const [m, n] = [left, right].map(({ x, labels }) => x.shape[labels.indexOf(l)]);
      return [l, m === 1 ? n : m];
    }),
  );
  const size = ({ x, labels }: Labelled, l: string): number => sizes.get(l) ?? x.shape[labels.indexOf(l)];
  const group = (t: Labelled, ls: readonly string[]): number[] => ls.map((l) => size(t, l));
  // what was summed on its own may have become a wider integer
  const dtype = resultType(left.x, right.x);
  const matrix = (t: Labelled, ...groups: string[][]): Tensor =>
    reshape(
      to(arranged(t, groups.flat(), sizes), dtype),
      groups.map((ls) => numelOf(group(t, ls))),
    );
  const product = bmm(matrix(left, batch, rows, summed), matrix(right, batch, summed, columns));
  return { x: reshape(product, [...group(left, batch), ...group(left, rows), ...group(right, columns)]), labels };
}

/** Dimensions in the order of `labels`: absent ones of size 1, those in `sizes` stretched. */
function arranged({ x, labels: own }: Labelled, labels: readonly string[], sizes: ReadonlyMap<string, number>): Tensor {
  const there = labels.filter((l) => own.includes(l));
  const ordered = permute(
    x,
    there.map((l) => own.indexOf(l)),
  );
  const shape = labels.map((l) => (own.includes(l) ? x.shape[own.indexOf(l)] : 1));
  return expand(
    reshape(ordered, shape),
    shape.map((n, d) => sizes.get(labels[d]) ?? n),
  );
}
