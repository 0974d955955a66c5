import type { ReduceName, ScanName } from "@kindling/storage";
import { math } from "./math.js";
import type { Element } from "./wgsl.js";

/* The pointwise steps of reductions, scans and scatters. */

/** The functions that steps of floats call, as declarations. */
export const stepMath = (): string => math("inf", "nan", "max_of", "min_of");

/** WGSL of the value to start from, and of what two values give. They call `stepMath`. */
export interface Step {
  readonly identity: string;
  readonly of: (a: string, b: string) => string;
}

const least = { f32: "-inf()", i32: "(-2147483647 - 1)", u32: "0u" };
const most = { f32: "inf()", i32: "2147483647", u32: "4294967295u" };

export function stepOf(name: ReduceName | ScanName, type: Element["value"]): Step {
  const call = (f: string, g: string) => (a: string, b: string) => `${type === "f32" ? f : g}(${a}, ${b})`;
  switch (name) {
    case "sum":
      return { identity: `${type}(0)`, of: (a, b) => `(${a} + ${b})` };
    case "prod":
      return { identity: `${type}(1)`, of: (a, b) => `(${a} * ${b})` };
    case "max":
    case "argmax":
      return { identity: least[type], of: call("max_of", "max") };
    case "min":
    case "argmin":
      return { identity: most[type], of: call("min_of", "min") };
    default:
      return name satisfies never;
  }
}
