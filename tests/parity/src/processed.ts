import type { Tensor } from "@kindling/autograd";

/*
 * What PyTorch's tests make of results that are not unique (signs of vectors, order of factors) before they compare them:
 * the recorded Python functions, by their name.
 */

/** U, S and Vᵀ without the columns that only complete a basis. */
function uniform([U, S, Vh]: Tensor[]): Tensor[] {
  const [k] = S.shape.slice(-1);
  return [U.narrow(-1, 0, k), S, Vh.narrow(-2, 0, k)];
}

const functions: Record<string, (out: Tensor | Tensor[]) => Tensor | Tensor[]> = {
  fn_U: (usv) => uniform(usv as Tensor[])[0].abs(),
  fn_S: (usv) => uniform(usv as Tensor[])[1],
  fn_Vh: (usv) => {
    const [, S, Vh] = uniform(usv as Tensor[]);
    return [S, Vh.abs()];
  },
  fn_UVh: (usv) => {
    const [U, S, Vh] = uniform(usv as Tensor[]);
    return [U.matmul(Vh), S];
  },
  // of eigh and eigvalsh
  "out_fn eigh": (out) => (Array.isArray(out) ? [out[0], out[1].abs()] : out),
  // of lu, and of others as they are
  "out_fn lu": (out) => (Array.isArray(out) && out.length === 3 ? out.slice(1) : out),
};

/** The function of a recorded source text. */
export function processOf(source: string): (out: unknown) => unknown {
  const [, name] = /^def (\w+)/.exec(source) ?? [];
  const key = name === "out_fn" ? `out_fn ${source.includes("eigh") ? "eigh" : "lu"}` : name;
  const found = functions[key];
  if (found === undefined) throw new Error(`unknown process function: ${source}`);
  return found as (out: unknown) => unknown;
}
