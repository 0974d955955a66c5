import { arange, full, linear, zeros } from "@kindling/autograd";
import { registerOpaqueBackend } from "@kindling-tests/opaque-backend";
import { describe, expect, it } from "vitest";
import { expectSameOn, near, numbersOf } from "../src/on-device.js";
import { table } from "../src/table.js";

/*
 * Every operator on a device that cannot be read while it runs and has none but the required primitives: results and gradients
 * are those of the CPU in float32, or the call says what to do instead.
 */

registerOpaqueBackend();

describe("operators on a device without synchronous reads", () => {
  it.each(Object.entries(table))("%s", (name, cases) => expectSameOn("opaque", name, cases));
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
