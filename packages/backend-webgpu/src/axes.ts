import type { Shape, Strides } from "@kindling/storage";
import { collapse } from "./layout.js";
import { f32 } from "./wgsl.js";

/* Walks through some of the dimensions of views, for kernels that have a loop, or lanes, besides the running index. */

/** Dimensions of one walk and, for each view, its strides along them. */
export interface Axes {
  readonly sizes: readonly number[];
  /** By view, then by dimension. */
  readonly strides: readonly (readonly number[])[];
  /** Elements of the walk. */
  readonly count: number;
}

/** Kernels are made for so many dimensions, to be few: others are filled up with dimensions of size 1. */
const RANKS = [1, 2, 4];

/** The dimensions `dims` of `shape`, as few as the strides of all views allow. */
export function axesOf(shape: Shape, dims: readonly number[], ...views: readonly Strides[]): Axes {
  const sizes = dims.map((d) => shape[d]);
  const merged = collapse(
    sizes,
    views.map((view) => dims.map((d) => view[d])),
  );
  const rank = RANKS.find((r) => r >= merged.shape.length) ?? merged.shape.length;
  const filled = (values: readonly number[], by: number): number[] => [
    ...new Array<number>(rank - values.length).fill(by),
    ...values,
  ];
  return {
    sizes: filled(merged.shape, 1),
    strides: merged.strides.map((view) => filled(view, 0)),
    count: sizes.reduce((n, size) => n * size, 1),
  };
}

/** All dimensions but `dim`. */
export const others = (shape: Shape, dim: number): number[] => shape.map((_, d) => d).filter((d) => d !== dim);

/** The numbers of one call, in the order in which the kernel's text names them. */
export class Params {
  readonly names: string[] = [];
  readonly words: number[] = [];

  /** Whole numbers by their names. */
  add(values: Readonly<Record<string, number>>): this {
    for (const name in values) {
      this.names.push(name);
      this.words.push(values[name]);
    }
    return this;
  }

  /** Floats by their names. */
  floats(values: Readonly<Record<string, number>>): this {
    for (const name in values) {
      this.names.push(`${name}: f32`);
      this.words.push(f32(values[name]));
    }
    return this;
  }

  /** Sizes and strides for a `walk` of the same names. */
  axes(name: string, { sizes, strides }: Axes, views: readonly string[]): this {
    for (let d = 1; d < sizes.length; d++) {
      this.names.push(`${name}_size_${d}`);
      this.words.push(sizes[d]);
    }
    for (let v = 0; v < views.length; v++) {
      for (let d = 0; d < sizes.length; d++) {
        this.names.push(`${name}_${views[v]}_${d}`);
        this.words.push(strides[v][d]);
      }
    }
    return this;
  }
}

/** WGSL that adds the place of element `index` of the walk `name` to the variable `at_VIEW` of each view. */
export function walk(index: string, name: string, rank: number, views: readonly string[]): string {
  const lines = [`{ var rest = ${index};`];
  for (let d = rank - 1; d >= 0; d--) {
    if (d > 0) lines.push(`let along_${d} = rest % P.${name}_size_${d}; rest /= P.${name}_size_${d};`);
    const along = d > 0 ? `along_${d}` : "rest";
    for (const view of views) lines.push(`at_${view} += ${along} * P.${name}_${view}_${d};`);
  }
  return `${lines.join("\n")} }`;
}

/** The declaration of `NAME_at(i)`: the place of element `i` of the walk `name` in the view `view`, from its start. */
export const walkFunction = (name: string, rank: number, view: string): string => `
fn ${name}_at(i: u32) -> u32 {
  var at_${view} = 0u;
  ${walk("i", name, rank, [view])}
  return at_${view};
}`;
