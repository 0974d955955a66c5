import { DeviceError, type Tensor } from "@kindling/autograd";
import { expect } from "vitest";
import type { Case } from "./case.js";
import { namesWideTypes, outcome } from "./devices.js";

/* Operators on a device that cannot be read while it runs, beside the CPU. */

export async function numbersOf(t: Tensor | null): Promise<number[] | null> {
  return t === null ? null : Array.from((await t.detach().cpu()).toTypedArray(), Number);
}

export const near = (a: number, b: number): boolean => Object.is(a, b) || Math.abs(a - b) <= 1e-4 * (0.1 + Math.abs(b));

/** What makes a dtype that such devices lack. */
const otherDTypes = ["bfloat16", "double", "floatPower", "half"];

/** Results and gradients of an operator's cases are those of the CPU in float32, or the call says what to do instead. */
export async function expectSameOn(device: string, name: string, cases: readonly Case[]): Promise<void> {
  for (const [i, c] of cases.entries()) {
    if (namesWideTypes(c)) continue;
    const wanted = outcome(name, c, "cpu");
    let got: (Tensor | null)[];
    try {
      got = outcome(name, c, device);
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      expect(error.message).toContain(
        otherDTypes.includes(name) ? `is not supported on device '${device}'` : "await x.cpu()",
      );
      continue;
    }
    expect(got.length).toBe(wanted.length);
    for (const [k, t] of got.entries()) {
      const [ours, theirs] = [await numbersOf(t), await numbersOf(wanted[k])];
      expect(t?.dtype).toBe(wanted[k]?.dtype);
      const fits = ours?.length === theirs?.length && (ours ?? []).every((x, j) => near(x, (theirs as number[])[j]));
      expect(fits, `case ${i}, ${k}: ${ours} instead of ${theirs}`).toBe(true);
    }
  }
}
