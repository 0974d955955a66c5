import { arange, full, linear, type Tensor, zeros } from "@kindling/autograd";
import { registerOpaqueBackend } from "@kindling-tests/opaque-backend";
import { expect, it } from "vitest";

registerOpaqueBackend();

it("the gradient of a weight that is used many times is the CPU's", async () => {
  const numbersOf = async (t: Tensor | null): Promise<number[]> =>
    ((await t?.cpu())?.flatten().tolist() ?? []) as number[];
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
    return [...(await numbersOf(w.grad)), ...(await numbersOf(b.grad))];
  };
  const [got, wanted] = [await gradOn("opaque"), await gradOn("cpu")];
  expect(got).toHaveLength(15);
  for (const [i, x] of got.entries()) expect(x).toBeCloseTo(wanted[i], 4);
});
