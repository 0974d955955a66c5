import { ArgumentError, ShapeError } from "@kindling/storage";
import type { Tensor } from "../tensor.js";
import { mul } from "./pointwise.js";
import { sum } from "./reduction.js";
import { diagonal, permute, reshape } from "./views.js";

/**
 * Sums of products by Einstein's convention: `einsum("bij,bjk->bik", a, b)`; without `->` the result's indices are those that
 * occur once, in alphabetic order. "..." stands for leading dimensions that broadcast.
 */
export function einsum(equation: string, ...tensors: (Tensor | readonly Tensor[])[]): Tensor {
  const operands = tensors.flat() as Tensor[];
  const [inputs, given] = equation.replace(/\s/g, "").split("->");
  const terms = inputs.split(",");
  if (terms.length !== operands.length) {
    throw new ArgumentError("einsum(): fewer operands were provided than specified in the equation", { equation });
  }
  const labels = [...new Set(inputs.replace(/[^A-Za-z]/g, ""))].sort();
  const once = labels.filter((l) => [...inputs].filter((c) => c === l).length === 1).join("");
  const dots = terms.map((term, i) => (term.includes("...") ? operands[i].ndim - term.replace("...", "").length : 0));
  const extra = Array.from({ length: Math.max(0, ...dots) }, (_, i) => `.${i}`);
  const result = given ?? (extra.length > 0 ? "..." : "") + once;
  const expandLabels = (term: string, count: number): string[] => {
    const [front, back] = term.split("...");
    return back === undefined ? [...front] : [...front, ...extra.slice(extra.length - count), ...back];
  };
  const out = expandLabels(result, extra.length);
  const all = [...out, ...[...extra, ...labels].filter((l) => !out.includes(l))];
  const aligned = operands.map((operand, i) => align(operand, expandLabels(terms[i], dots[i]), all, equation));
  const joined = aligned.slice(1).reduce((a, b) => mul(a, b), aligned[0]);
  const rest = all.slice(out.length).map((_, i) => out.length + i);
  return rest.length === 0 ? joined : sum(joined, rest);
}

/** An operand with one dimension for each label in `all`: diagonals taken, absent labels of size 1. */
function align(operand: Tensor, own: readonly string[], all: readonly string[], equation: string): Tensor {
  if (own.length !== operand.ndim) {
    throw new ShapeError(
      `einsum(): the number of subscripts in the equation (${own.length}) does not match the number of dimensions (${operand.ndim}) for an operand and no ellipsis was given`,
      { equation, shape: operand.shape },
    );
  }
  let x = operand;
  const labels = [...own];
  for (let i = 0; i < labels.length; i++) {
    for (let j = labels.indexOf(labels[i], i + 1); j >= 0; j = labels.indexOf(labels[i], i + 1)) {
      x = diagonal(x, 0, i, j); // the joint dimension comes last
      const [label] = labels.splice(j, 1);
      labels.splice(i, 1);
      labels.push(label);
    }
  }
  const present = all.filter((l) => labels.includes(l));
  const ordered = permute(
    x,
    present.map((l) => labels.indexOf(l)),
  );
  let at = 0;
  return reshape(
    ordered,
    all.map((l) => (labels.includes(l) ? ordered.shape[at++] : 1)),
  );
}
