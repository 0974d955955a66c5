import type { Shape, Strides, View } from "@kindling/storage";

/* Where elements of strided views lie: on the host as few dimensions as possible, on the GPU arithmetic on one running index. */

/** Several views of one shape, with dimensions merged where all of them allow it and those of size 1 left out. */
export interface Collapsed {
  readonly shape: number[];
  /** For each view, the strides of the dimensions that are left. */
  readonly strides: number[][];
}

export function collapse(shape: Shape, views: readonly Strides[]): Collapsed {
  const sizes: number[] = [];
  const strides: number[][] = views.map(() => []);
  for (let d = 0; d < shape.length; d++) {
    const size = shape[d];
    if (size === 1) continue;
    const last = sizes.length - 1;
    let merges = last >= 0;
    for (let v = 0; merges && v < views.length; v++) merges = strides[v][last] === views[v][d] * size;
    if (merges) {
      sizes[last] *= size;
      for (let v = 0; v < views.length; v++) strides[v][last] = views[v][d];
    } else {
      sizes.push(size);
      for (let v = 0; v < views.length; v++) strides[v].push(views[v][d]);
    }
  }
  return { shape: sizes, strides };
}

/** How a kernel finds the elements of its views from one running index in row-major order. */
export interface Addressing {
  /** Names the specialisation. */
  readonly key: string;
  /** Names of the parameters, and their words. */
  readonly params: readonly string[];
  readonly words: readonly number[];
  /** Statements that define `at_NAME` for each view, from the u32 in `index`. */
  code(index?: string): string;
}

/**
 * Addresses of the elements of views that have one shape. Contiguous views take the index as it is; views that repeat one element take
 * their offset; the others share the division of the index into coordinates.
 */
export function addressing(names: readonly string[], views: readonly View[]): Addressing {
  const { shape, strides } = collapse(
    views[0].shape,
    views.map((view) => view.strides),
  );
  const rank = shape.length;
  const kinds = strides.map((s) => {
    if (s.every((x) => x === 0)) return "r";
    return rank === 1 && s[0] === 1 ? "c" : "s";
  });
  const params: string[] = [];
  const words: number[] = [];
  const strided = kinds.includes("s");
  if (strided) {
    for (let d = 1; d < rank; d++) {
      params.push(`size_${d}`);
      words.push(shape[d]);
    }
  }
  views.forEach((view, v) => {
    params.push(`start_${names[v]}`);
    words.push(view.offset);
    if (kinds[v] !== "s") return;
    for (let d = 0; d < rank; d++) {
      params.push(`step_${names[v]}_${d}`);
      words.push(strides[v][d]);
    }
  });
  return {
    key: `${strided ? rank : ""}${kinds.join("")}`,
    params,
    words,
    code(index = "index") {
      const lines: string[] = [];
      if (strided) {
        let rest = index;
        for (let d = rank - 1; d > 0; d--) {
          lines.push(`let rest_${d} = ${rest} / P.size_${d};`, `let c_${d} = ${rest} - rest_${d} * P.size_${d};`);
          rest = `rest_${d}`;
        }
        lines.push(`let c_0 = ${rest};`);
      }
      views.forEach((_, v) => {
        const name = names[v];
        const terms = [`P.start_${name}`];
        if (kinds[v] === "c") terms.push(index);
        else if (kinds[v] === "s") for (let d = 0; d < rank; d++) terms.push(`c_${d} * P.step_${name}_${d}`);
        lines.push(`let at_${name} = ${terms.join(" + ")};`);
      });
      return lines.map((line) => `  ${line}`).join("\n");
    },
  };
}
