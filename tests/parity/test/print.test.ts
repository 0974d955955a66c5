import * as autograd from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import { present, recording } from "../src/shared.js";

/** Recorded expressions of PyTorch as ours: numbers make float32 here, and `arange` of integers int32. */
function inJavaScript(python: string): string {
  const integers = /^torch\.tensor\((?!.*\.)(\d|\[\[?-?\d)/.test(python) && !python.includes("dtype");
  return python
    .replace(/torch\.arange\((\d+)\.\)/g, 'torch.arange($1, { dtype: "float32" })')
    .replace(/float\('nan'\)/g, "NaN")
    .replace(/float\('inf'\)/g, "Infinity")
    .replace(/,\s*dtype=torch\.int32\)/, ', { dtype: "int64" })')
    .replace(/dtype=torch\.(\w+)/g, '{ dtype: "$1" }')
    .replace(/requires_grad=True/g, "{ requiresGrad: true }")
    .replace(/\bTrue\b/g, "true")
    .replace(/\bFalse\b/g, "false")
    .replace(/\)\s*([*/])\s*(\d+)$/, (_, op, n) => `).${op === "*" ? "mul" : "div"}(${n})`)
    .replace(/\)$/, integers ? ', { dtype: "int32" })' : ")");
}

/** PyTorch's text with ours for the default integer, which is int32 here. */
const inOurNames = (text: string): string =>
  text
    .replace(/dtype=torch\.int32/, "dtype=int64")
    .replace(/torch\./g, "")
    .replace(/grad_fn/g, "gradFn")
    .replace(/requires_grad=True/g, "requiresGrad=true")
    .replace(/\bTrue\b/g, "true")
    .replace(/\bFalse\b/g, "false");

describe.runIf(present)("printing against PyTorch", () => {
  const { repr } = present ? recording<{ repr: [string, string][] }>("_print") : { repr: [] };
  it.each(repr)("%s", (python, text) => {
    const x = new Function("torch", `return ${inJavaScript(python)};`)(autograd) as autograd.Tensor;
    expect(x.toString()).toBe(inOurNames(text));
  });
});
