import { autograd, linear, matmul, profile, randn, type Tensor } from "@kindling/autograd";
import { expect, it } from "vitest";

/** (N, L, H · E) as (N, H, L, E): batch dimensions without a common stride. */
const heads = (t: Tensor, count: number): Tensor => t.unflatten(-1, [count, -1]).permute(0, 2, 1, 3);

it.each([
  [2, 5],
  [5, 2],
  [1, 3],
  [40, 33],
])("products of %i samples and %i heads are those of copies", (samples, count) => {
  const [q, k] = [randn(samples, 4, count * 3), randn(samples, 6, count * 3)].map((t) => t.requiresGrad_());
  const [a, b] = [heads(q, count), heads(k, count).transpose(-2, -1)];
  const ours = matmul(a, b);
  const theirs = matmul(a.contiguous(), b.contiguous());
  expect(ours.allclose(theirs)).toBe(true);
  const g = randn(ours.shape);
  const [x, y] = [ours, theirs].map((out) => autograd.grad(out, [q, k], g, { retainGraph: true }));
  for (const i of [0, 1]) expect(x[i].allclose(y[i], { atol: 1e-6 })).toBe(true);
});

it("copies nothing to multiply heads", () => {
  const q = randn(3, 4, 10);
  const { rows } = profile(() => matmul(heads(q, 2), heads(q, 2).transpose(-2, -1)));
  expect(rows.map(({ name, calls }) => [name, calls])).toEqual([["matmul", 2]]);
});

it("takes all leading dimensions for rows in a linear map with a bias", () => {
  const [x, w, b] = [randn(2, 3, 4, 5), randn(6, 5), randn(6)].map((t) => t.requiresGrad_());
  const out = linear(x, w, b);
  expect(out.shape).toEqual([2, 3, 4, 6]);
  const theirs = matmul(x, w.t()).add(b);
  expect(out.allclose(theirs, { atol: 1e-6 })).toBe(true);
  const g = randn(out.shape);
  const [p, q] = [out, theirs].map((y) => autograd.grad(y, [x, w, b], g, { retainGraph: true }));
  for (const i of [0, 1, 2]) expect(p[i].allclose(q[i], { atol: 1e-5 })).toBe(true);
});
