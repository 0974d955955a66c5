import { type DType, KindlingError, ones, Tensor, tensor } from "@kindling/autograd";
import { promoteTypes } from "@kindling/storage";
import { describe, expect, it } from "vitest";
import { callOf, methodOf } from "../src/operators.js";
import { present, recording } from "../src/shared.js";
import { camel } from "../src/values.js";

interface Promotion {
  promote_types: Record<string, DType>;
  result_type_dim_vs_0dim: Record<string, DType>;
  result_type_tensor_vs_scalar: Record<string, DType>;
  ops: Record<string, DType | { exception: string; message: string }>;
}

/** int64 that comes from no operand is int32 here. */
const here = (dtype: string, operands: string): string =>
  dtype === "int64" && !operands.includes("int64") ? "int32" : dtype;

const scalars: Record<string, number | boolean> = { bool: true, int: 2, float: 2.5 };

/** `float64[2]` has one dimension, `float64[]` none, `int` is a number. */
function operand(text: string): Tensor | number | boolean {
  const [, dtype, size] = /^(\w+)(?:\[(\d*)\])?$/.exec(text) as RegExpExecArray;
  if (size === undefined) return scalars[dtype];
  return size === "" ? tensor(1, { dtype: dtype as DType }) : ones([Number(size)], { dtype: dtype as DType });
}

/** What the recorded call has besides its operands. */
const further: Record<string, unknown[]> = {
  lerp: [0.5],
  cumsum: [0],
  cumprod: [0],
  softmax: [0],
};

function call(text: string): string | null {
  const [, op, list] = /^(\w+)\((.*)\)$/.exec(text) as RegExpExecArray;
  const operands = list.split(",").map(operand);
  const run = op.endsWith("_") ? methodOf(camel(op)) : callOf(op);
  if (run === null) return null;
  // recorded in the order of torch.where; the harness expects that of the method
  const condition = tensor([true, false]);
  const args =
    op === "where"
      ? [operands[0], condition, operands[1]]
      : op === "cat"
        ? [operands]
        : [...operands, ...(further[op] ?? [])];
  try {
    const out = run(args, {});
    const first = Array.isArray(out) ? out[0] : out;
    return first instanceof Tensor ? first.dtype : typeof first;
  } catch (error) {
    if (error instanceof KindlingError) return "error";
    throw error;
  }
}

describe.runIf(present)("dtypes of results against PyTorch", () => {
  const recorded = present ? recording<Promotion>("_promotion") : null;

  it("promotes dtypes as PyTorch does", () => {
    for (const [pair, dtype] of Object.entries(recorded?.promote_types ?? {})) {
      const [a, b] = pair.split(",") as [DType, DType];
      expect(promoteTypes(a, b), pair).toBe(dtype);
    }
  });

  it("lets dimensions decide among equal categories", () => {
    for (const [pair, dtype] of Object.entries(recorded?.result_type_dim_vs_0dim ?? {})) {
      const [a, b] = pair.split(",") as [DType, DType];
      expect(callOf("mul")?.([ones([1], { dtype: a }), tensor(1, { dtype: b })], {}), pair).toHaveProperty(
        "dtype",
        dtype,
      );
    }
  });

  it("takes a number for one of its kind", () => {
    for (const [pair, dtype] of Object.entries(recorded?.result_type_tensor_vs_scalar ?? {})) {
      const [a, kind] = pair.split(",") as [DType, string];
      const out = callOf("mul")?.([ones([1], { dtype: a }), scalars[kind]], {});
      expect(out, pair).toHaveProperty("dtype", here(dtype, pair));
    }
  });

  const ops = Object.entries(recorded?.ops ?? {});
  const names = [...new Set(ops.map(([text]) => text.slice(0, text.indexOf("("))))];
  it.each(names)("%s", (name) => {
    const wrong = ops.flatMap(([text, result]) => {
      if (!text.startsWith(`${name}(`)) return [];
      const ours = call(text);
      if (ours === null) return [];
      const theirs = typeof result === "string" ? here(result, text) : "error";
      const why = typeof result === "string" ? "" : ` (${result.message.slice(0, 60)})`;
      if (/not implemented for '(Half|BFloat16)'/.test(why)) return []; // our kernels do not stop there
      return ours === theirs ? [] : [`${text} gives ${ours}, expected ${theirs}${why}`];
    });
    expect(wrong, wrong.join("\n")).toHaveLength(0);
  });
});
