import { numelOf, type View } from "@kindling/storage";
import { up } from "./plan.js";
import { runtimeOf } from "./runtime.js";
import { elementOf, f32, kernel } from "./wgsl.js";

/*
 * Random numbers by their place: the fast path of autograd/src/ops/dropout.ts. Philox 4×32 with ten rounds (Salmon et al., "Parallel random
 * numbers: as easy as 1, 2, 3", 2011) makes four words of a counter and a key; a thread makes four elements.
 */

const PHILOX = `
fn mul_high(a: u32, b: u32) -> u32 {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let left = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let right = (a & 0xffffu) * (b >> 16u) + (left & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (left >> 16u) + (right >> 16u);
}
fn philox(start: vec4u, key: vec2u) -> vec4u {
  var c = start;
  var k = key;
  for (var round = 0; round < 10; round++) {
    c = vec4u(mul_high(0xcd9e8d57u, c.z) ^ c.y ^ k.x, 0xcd9e8d57u * c.z, mul_high(0xd2511f53u, c.x) ^ c.w ^ k.y, 0xd2511f53u * c.x);
    k += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}`;

const bernoulli = {
  run(out: View, p: number, value: number, key: readonly [number, number]): void {
    const gpu = runtimeOf(out);
    const { dtype } = out.storage;
    const n = numelOf(out.shape);
    const threads = up(n, 4);
    gpu.dispatch(
      `bernoulli ${dtype}`,
      () =>
        kernel({
          outputs: [{ name: "out", dtype }],
          inputs: [],
          params: ["n", "threads", "start_out", "key_0", "key_1", "p: f32", "value: f32"],
          declarations: PHILOX,
          body: `
  if (index >= P.threads) { return; }
  let words = philox(vec4u(index, 0u, 0u, 0u), vec2u(P.key_0, P.key_1));
  for (var k = 0u; k < 4u; k++) {
    let i = index * 4u + k;
    // 24 bits: as many as a float in [0, 1) has
    if (i < P.n) { out[P.start_out + i] = ${elementOf(dtype).store("select(0.0, P.value, f32(words[k] >> 8u) * 0x1p-24 < P.p)")}; }
  }`,
        }),
      [out.storage],
      [n, threads, out.offset, key[0], key[1], f32(p), f32(value)],
      gpu.grid(threads),
    );
  },
};

export const random = { bernoulli: { float32: bernoulli, float16: bernoulli } };
