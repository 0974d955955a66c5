import type { Storage, View } from "@kindling/storage";
import { elementOf } from "./wgsl.js";

/** What a product is added to: nothing, what is in the result, or a vector, as if it had the shape of the result's matrices. */
export type Addend = "nothing" | "result" | Vector;

interface Vector {
  readonly view: View;
  /** Its steps from row to row of the result and from column to column. */
  readonly row: number;
  readonly column: number;
}

/** An addend as kernels see it: a part of their key, and what they bind and are told behind all else. */
export interface AddendText {
  readonly key: string;
  readonly storages: readonly Storage[];
  readonly params: readonly string[];
  readonly words: readonly number[];
  /** WGSL of `value` plus what is added in row `row`, column `column` of the result, which is element `at` of `o`. */
  readonly sum: (value: string) => string;
  /** The same of four columns, from `column` on, where `o` consists of vectors. */
  readonly sums: (value: string) => string;
}

export function textOf(addend: Addend, out: View): AddendText {
  const { load, stored, value } = elementOf(out.storage.dtype);
  const plain = { storages: [], params: [], words: [] };
  const four = `vec4<${value}>`;
  if (addend === "nothing") return { ...plain, key: "", sum: (x) => x, sums: (x) => x };
  if (addend === "result") {
    const vector = stored === value ? "o[at]" : `${four}(o[at])`;
    return {
      ...plain,
      key: " accumulated",
      sum: (x) => `${x} + ${load("o[at]")}`,
      sums: (x) => `${x} + ${vector}`,
    };
  }
  const added = (column: string): string => load(`plus[P.pOffset + row * P.pRow + ${column} * P.pColumn]`);
  const columns = ["column", "(column + 1u)", "(column + 2u)", "(column + 3u)"];
  return {
    key: " biased",
    storages: [addend.view.storage],
    params: ["pOffset", "pRow", "pColumn"],
    words: [addend.view.offset, addend.row, addend.column],
    sum: (x) => `${x} + ${added("column")}`,
    sums: (x) => `${x} + ${four}(${columns.map(added).join(", ")})`,
  };
}

/** The addend of the transposed product. */
export const turnedAddend = (addend: Addend): Addend =>
  typeof addend === "string" ? addend : { view: addend.view, row: addend.column, column: addend.row };
