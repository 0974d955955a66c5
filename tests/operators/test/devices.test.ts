import { autograd, DeviceError, isTensor, type Tensor, tensor } from "@kindling/autograd";
import { registerOpaqueBackend } from "@kindling-tests/opaque-backend";
import { describe, expect, it } from "vitest";
import type { Case } from "../src/case.js";
import { asMethod, functions, isFunction, run, table } from "../src/table.js";

/*
 * Every operator on a device that cannot be read while it runs and has none but the required primitives: results and gradients
 * are those of the CPU in float32, or the call says what to do instead.
 */

registerOpaqueBackend();

/** A tensor's counterpart in float32 on a device; integers stay integers. */
function moved(t: Tensor, device: string): Tensor {
  const dtype = t.isFloatingPoint() ? "float32" : t.dtype === "int64" ? "int32" : t.dtype;
  const own = t.detach().to({ dtype }).to({ device });
  return t.requiresGrad ? own.requiresGrad_() : own;
}

/** Arguments with every tensor in them moved, and once: one that is given twice stays one. */
function placed(args: readonly unknown[], device: string): unknown[] {
  const copies = new Map<Tensor, Tensor>();
  const place = (value: unknown): unknown => {
    if (isTensor(value)) {
      if (!copies.has(value)) copies.set(value, moved(value, device));
      return copies.get(value);
    }
    if (Array.isArray(value)) return value.map(place);
    if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, place(item)]));
  };
  return args.map(place);
}

const tensorsIn = (value: unknown): Tensor[] =>
  isTensor(value) ? [value] : Array.isArray(value) ? value.flatMap(tensorsIn) : [];

/** Results and gradients of a call, in order; what is no tensor as it is. */
function outcome(name: string, c: Case, device: string): (Tensor | null)[] {
  const [fn, args] = run(isFunction(name) ? functions[name] : asMethod(name), c);
  const given = placed(args, device);
  const outs = tensorsIn(fn(...given));
  const leaves = [...new Set(tensorsIn(given))].filter((t) => t.requiresGrad);
  const recorded = outs.filter((t) => t.requiresGrad);
  if (recorded.length === 0) return outs;
  // weights without a pattern, the same on every device
  const weights = recorded.map((out) => {
    const values = Float32Array.from({ length: out.numel() }, (_, i) => Math.cos(i * 2.399) + 0.1);
    return tensor(values, { device }).reshape(out.shape);
  });
  return [...outs, ...autograd.grad(recorded, leaves, { gradOutputs: weights, allowUnused: true })];
}

async function numbersOf(t: Tensor | null): Promise<number[] | null> {
  return t === null ? null : Array.from((await t.detach().cpu()).toTypedArray(), Number);
}

const near = (a: number, b: number): boolean => Object.is(a, b) || Math.abs(a - b) <= 1e-4 * (0.1 + Math.abs(b));

/** Cases that name a dtype the device lacks. */
const namesMissing = ({ args }: Case): boolean =>
  /float64|int64/.test(JSON.stringify(args.filter((a) => !isTensor(a))));

/** What needs its values on the host, and what makes a dtype that the device lacks: such a call must say so. */
const hostValued = new Set<string>();
const otherDTypes = new Set<string>();

describe("operators on a device without synchronous reads", () => {
  for (const [name, cases] of Object.entries(table)) {
    it(name, async () => {
      for (const [i, c] of cases.entries()) {
        if (namesMissing(c)) continue;
        const wanted = outcome(name, c, "cpu");
        let got: (Tensor | null)[];
        try {
          got = outcome(name, c, "opaque");
        } catch (error) {
          if (!(error instanceof DeviceError)) throw error;
          if (/ is not supported on device 'opaque'/.test(error.message)) otherDTypes.add(name);
          else {
            expect(error.message).toContain("await x.cpu()");
            hostValued.add(name);
          }
          continue;
        }
        expect(got.length).toBe(wanted.length);
        for (const [k, t] of got.entries()) {
          const [ours, theirs] = [await numbersOf(t), await numbersOf(wanted[k])];
          expect(t?.dtype).toBe(wanted[k]?.dtype);
          const fits =
            ours?.length === theirs?.length && (ours ?? []).every((x, j) => near(x, (theirs as number[])[j]));
          expect(fits, `case ${i}, ${k}: ${ours} instead of ${theirs}`).toBe(true);
        }
      }
    });
  }

  it("names those that need their values on the host", () => {
    expect([...hostValued].sort()).toMatchInlineSnapshot(`
      [
        "at",
        "cholesky",
        "choleskyInverse",
        "choleskySolve",
        "cov",
        "det",
        "inverse",
        "linalg.cholesky",
        "linalg.choleskyEx",
        "linalg.cond",
        "linalg.eigh",
        "linalg.eigvalsh",
        "linalg.inv",
        "linalg.invEx",
        "linalg.lstsq",
        "linalg.lu",
        "linalg.luFactor",
        "linalg.luFactorEx",
        "linalg.luSolve",
        "linalg.matrixExp",
        "linalg.matrixNorm",
        "linalg.matrixPower",
        "linalg.norm",
        "linalg.pinv",
        "linalg.qr",
        "linalg.solve",
        "linalg.solveEx",
        "linalg.solveTriangular",
        "linalg.svd",
        "linalg.svdvals",
        "linalg.tensorinv",
        "linalg.tensorsolve",
        "logdet",
        "luSolve",
        "luUnpack",
        "maskedSelect",
        "matrixExp",
        "matrixPower",
        "norm",
        "pinverse",
        "qr",
        "repeatInterleave",
        "slogdet",
        "svd",
        "triangularSolve",
      ]
    `);
    expect([...otherDTypes].sort()).toEqual(["bfloat16", "double", "floatPower", "half"]);
  });
});
