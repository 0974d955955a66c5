import {
  type BinaryName,
  type CompareName,
  type KernelProvider,
  numelOf,
  type Operand,
  type UnaryName,
  type View,
} from "@kindling/storage";
import { area, available, f32, f64, fetch, floats, kernel, OUT, u8 } from "./blocks.js";
import type { Kernel } from "./instance.js";
import { limits } from "./limits.js";
import { eachBlock, flat, numbersLike, plan, stepOf } from "./operands.js";

/*
 * Pointwise functions of float32 and float64. Blocks of the operands come in, a kernel computes in place, and the result goes out.
 */

/** Functions that V8 computes as fast from so few elements on only that they have a limit of their own. */
const cheap: ReadonlySet<string> = new Set(["neg", "abs", "sign", "floor", "ceil", "round", "trunc", "sqrt", "isnan"]);

/** What a size must reach for a function of one argument. */
const limitOf = (name: UnaryName): number => (cheap.has(name) ? limits.pointwise : limits.transcendental);

const whole = (bytes: number): number => (bytes + 63) & ~63;

/** Finds a kernel by name once. */
function finder(suffix: string): (name: string) => Kernel {
  const found: Record<string, Kernel> = {};
  return (name) => (found[name] ??= kernel(name + suffix));
}

/** The sine or cosine of a block of float32 that has arguments too large for the kernel. */
function beyond(name: string, count: number): void {
  const f = name === "sin" ? Math.sin : Math.cos;
  for (let i = 0, p = area(0) / 4, q = OUT / 4; i < count; i++) f32[q + i] = f(f32[p + i]);
}

/** A power that is a function of one argument. */
const powers: Readonly<Record<number, string>> = { 3: "cube", 0.5: "root" };

const isPower = (y: Operand): y is number => typeof y === "number" && (y === 2 || y === -1 || y in powers);

function family(width: 4 | 8) {
  const find = finder(width === 4 ? "32" : "64");
  const A = area(0);
  const B = area(1);
  const C = area(2);
  const memory = () => (width === 4 ? f32 : f64);
  const unnatural: ReadonlySet<string> = new Set(width === 4 ? [] : ["sin", "cos"]);

  function fetchBytes(out: View, from: number, count: number): void {
    (out.storage.handle as Uint8Array).set(u8.subarray(OUT, OUT + count), out.offset + from);
  }

  function one(name: string, out: View): void {
    const run = find(name);
    const array = floats(out);
    eachBlock(width, (from, count) => {
      if (run(OUT, A, whole(count * width)) === 1) beyond(name, count);
      fetch(array, out.offset + from, count);
    });
  }

  function two(name: string, out: View): void {
    const run = find(name);
    const array = floats(out);
    numbersLike(memory());
    const sa = stepOf(0);
    const sb = stepOf(1);
    eachBlock(width, (from, count) => {
      run(OUT, A, sa, B, sb, whole(count * width));
      fetch(array, out.offset + from, count);
    });
  }

  return {
    unary: {
      accepts: (name: UnaryName, out: View, a: View): boolean =>
        numelOf(out.shape) >= limitOf(name) &&
        !unnatural.has(name) &&
        name !== "bitwiseNot" &&
        flat(out) &&
        plan(out.shape, a) &&
        stepOf(0) !== 0 &&
        available(),
      run(name: UnaryName, out: View): void {
        if (name !== "isnan") {
          one(name, out);
          return;
        }
        const run = find("ne");
        eachBlock(width, (from, count) => {
          run(OUT, A, 64, A, 64, whole(count * width));
          fetchBytes(out, from, count);
        });
      },
    },

    binary: {
      accepts(name: BinaryName, out: View, a: Operand, b: Operand): boolean {
        if (numelOf(out.shape) < limits.pointwise) return false;
        if (name === "pow" ? !isPower(b) : !binaries.has(name)) return false;
        if (!flat(out) || !(name === "pow" ? plan(out.shape, a) : plan(out.shape, a, b))) return false;
        return (stepOf(0) !== 0 || name !== "pow") && available();
      },
      run(name: BinaryName, out: View, _: Operand, b: Operand): void {
        if (name !== "pow") {
          two(name, out);
          return;
        }
        if (b === 2 || b === -1) {
          const run = find(b === 2 ? "mul" : "div");
          const array = floats(out);
          if (b === -1) memory().fill(1, B / width, (B + 64) / width);
          eachBlock(width, (from, count) => {
            if (b === 2) run(OUT, A, 64, A, 64, whole(count * width));
            else run(OUT, B, 0, A, 64, whole(count * width));
            fetch(array, out.offset + from, count);
          });
        } else one(powers[b as number], out);
      },
    },

    compare: {
      accepts: (_: CompareName, out: View, a: Operand, b: Operand): boolean =>
        numelOf(out.shape) >= limits.pointwise && flat(out) && plan(out.shape, a, b) && available(),
      run(name: CompareName, out: View): void {
        const swapped = name === "gt" || name === "ge";
        const run = find(swapped ? (name === "gt" ? "lt" : "le") : name);
        numbersLike(memory());
        const sa = stepOf(0);
        const sb = stepOf(1);
        eachBlock(width, (from, count) => {
          if (swapped) run(OUT, B, sb, A, sa, whole(count * width));
          else run(OUT, A, sa, B, sb, whole(count * width));
          fetchBytes(out, from, count);
        });
      },
    },

    where: {
      accepts: (out: View, condition: View, a: Operand, b: Operand): boolean =>
        numelOf(out.shape) >= limits.pointwise && flat(out) && plan(out.shape, condition, a, b) && available(),
      run(out: View): void {
        const run = find("where");
        const array = floats(out);
        numbersLike(memory());
        const sa = stepOf(1);
        const sb = stepOf(2);
        eachBlock(width, (from, count) => {
          run(OUT, A, B, sa, C, sb, whole(count * width));
          fetch(array, out.offset + from, count);
        });
      },
    },
  };
}

const binaries: ReadonlySet<string> = new Set(["add", "sub", "mul", "div", "maximum", "minimum"]);

const float32 = family(4);
const float64 = family(8);

export const pointwise: KernelProvider["kernels"] = {
  unary: { float32: float32.unary, float64: float64.unary },
  binary: { float32: float32.binary, float64: float64.binary },
  compare: { float32: float32.compare, float64: float64.compare },
  where: { float32: float32.where, float64: float64.where },
};
