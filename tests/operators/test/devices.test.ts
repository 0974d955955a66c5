import { arange, DeviceError, full, linear, type Tensor, zeros } from "@kindling/autograd";
import { registerOpaqueBackend } from "@kindling-tests/opaque-backend";
import { describe, expect, it } from "vitest";
import { namesWideTypes, outcome } from "../src/devices.js";
import { table } from "../src/table.js";

/*
 * Every operator on a device that cannot be read while it runs and has none but the required primitives: results and gradients
 * are those of the CPU in float32, or the call says what to do instead.
 */

registerOpaqueBackend();

async function numbersOf(t: Tensor | null): Promise<number[] | null> {
  return t === null ? null : Array.from((await t.detach().cpu()).toTypedArray(), Number);
}

const near = (a: number, b: number): boolean => Object.is(a, b) || Math.abs(a - b) <= 1e-4 * (0.1 + Math.abs(b));

/** What makes a dtype that the device lacks. */
const otherDTypes = ["bfloat16", "double", "floatPower", "half"];

describe("operators on a device without synchronous reads", () => {
  it.each(Object.entries(table))("%s", async (name, cases) => {
    for (const [i, c] of cases.entries()) {
      if (namesWideTypes(c)) continue;
      const wanted = outcome(name, c, "cpu");
      let got: (Tensor | null)[];
      try {
        got = outcome(name, c, "opaque");
      } catch (error) {
        if (!(error instanceof DeviceError)) throw error;
        expect(error.message).toMatch(
          otherDTypes.includes(name) ? "is not supported on device 'opaque'" : "await x.cpu()",
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
  });
});

describe("the gradient of a weight that is used many times", () => {
  it("is the CPU's", async () => {
    const gradOn = async (device: string): Promise<number[]> => {
      const w = arange(12).reshape(3, 4).div(12).to(device).requiresGrad_();
      const b = zeros(3, { device, requiresGrad: true });
      let total = zeros([], { device });
      for (let i = 0; i < 5; i++)
        total = total.add(
          linear(full([1 + (i % 2), 4], i, { device }), w, b)
            .tanh()
            .sum(),
        );
      total.backward();
      return [...((await numbersOf(w.grad)) as number[]), ...((await numbersOf(b.grad)) as number[])];
    };
    const [got, wanted] = [await gradOn("opaque"), await gradOn("cpu")];
    for (const [i, x] of got.entries()) expect(near(x, wanted[i])).toBe(true);
  });
});
