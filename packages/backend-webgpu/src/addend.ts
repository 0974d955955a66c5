import type { DType, Storage, View } from "@kindling/storage";
import { elementOf } from "./wgsl.js";

/** What a product is added to: nothing, what is in the result, or a vector, as if it had the shape of the result's matrices. */
export type Addend = "nothing" | "result" | Vector;

interface Vector {
  readonly view: View;
  /** Its steps from row to row of the result and from column to column. */
  readonly row: number;
  readonly column: number;
}

const NONE: readonly never[] = [];

/** What names a kernel's addend in its key. */
export const addendKey = (addend: Addend): string =>
  addend === "nothing" ? "" : addend === "result" ? " accumulated" : " biased";

/** What a kernel binds for its addend, behind all else, and the words that it is told. */
export const addendStorages = (addend: Addend): readonly Storage[] =>
  typeof addend === "string" ? NONE : [addend.view.storage];
export const addendWords = (addend: Addend): readonly number[] =>
  typeof addend === "string" ? NONE : [addend.view.offset, addend.row, addend.column];

/** An addend in the text of a kernel. */
export interface AddendText {
  /** Names of what is bound and of the words. */
  readonly bound: readonly string[];
  readonly params: readonly string[];
  /** WGSL of `value` plus what is added in row `row`, column `column` of the result, which is element `at` of `o`. */
  readonly sum: (value: string) => string;
  /** The same of four columns, from `column` on, where `o` consists of vectors. */
  readonly sums: (value: string) => string;
}

export function addendText(addend: Addend, dtype: DType): AddendText {
  const { load, stored, value } = elementOf(dtype);
  const four = `vec4<${value}>`;
  if (addend === "nothing") return { bound: NONE, params: NONE, sum: (x) => x, sums: (x) => x };
  if (addend === "result") {
    const vector = stored === value ? "o[at]" : `${four}(o[at])`;
    return { bound: NONE, params: NONE, sum: (x) => `${x} + ${load("o[at]")}`, sums: (x) => `${x} + ${vector}` };
  }
  const added = (column: string): string => load(`plus[P.pOffset + row * P.pRow + ${column} * P.pColumn]`);
  const columns = ["column", "(column + 1u)", "(column + 2u)", "(column + 3u)"];
  return {
    bound: ["plus"],
    params: ["pOffset", "pRow", "pColumn"],
    sum: (x) => `${x} + ${added("column")}`,
    sums: (x) => `${x} + ${four}(${columns.map(added).join(", ")})`,
  };
}

/** The addend of the transposed product. */
export const turnedAddend = (addend: Addend): Addend =>
  typeof addend === "string" ? addend : { view: addend.view, row: addend.column, column: addend.row };
