/** `out[i] = a[i] + b[i]` for `n` float32, all contiguous. */
export function add32(out: usize, a: usize, b: usize, n: i32): void {
  let i = 0;
  for (; i <= n - 4; i += 4) {
    const p = usize(i) << 2;
    v128.store(out + p, f32x4.add(v128.load(a + p), v128.load(b + p)));
  }
  for (; i < n; i++) {
    const p = usize(i) << 2;
    store<f32>(out + p, load<f32>(a + p) + load<f32>(b + p));
  }
}

/** The same in chunks of `step` elements. */
export function add32Chunk(out: usize, a: usize, b: usize, n: i32, step: i32, chunk: i32): void {
  const first = chunk * step;
  const p = usize(first) << 2;
  add32(out + p, a + p, b + p, min(step, n - first));
}
