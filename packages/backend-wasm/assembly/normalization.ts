import { all, fma, lanes, loadPart, storePart, sumOf } from "./lanes";

/*
 * Rows of `n` elements, normalised by their own mean and variance, with their gradients. `wide`: weight and bias have an element
 * for each column, shared by all rows; else one for each row. A pointer of 0 is absent. Chunk `chunk` has the rows from
 * `chunk · step` on.
 */

// @ts-ignore: decorators are AssemblyScript's
@inline
function normalize<T>(
  out: usize, means: usize, variances: usize, x: usize, weight: usize, bias: usize,
  rows: i32, n: i32, wide: bool, eps: f64, step: i32, chunk: i32,
): void {
  const size = usize(n) << alignof<T>();
  const rest = n & (lanes<T>() - 1);
  const whole = usize(n - rest) << alignof<T>();
  const before = usize(chunk * step);
  out += size * before;
  x += size * before;
  means += before << alignof<T>();
  variances += before << alignof<T>();
  if (!wide) {
    if (weight != 0) weight += before << alignof<T>();
    if (bias != 0) bias += before << alignof<T>();
  }
  for (let row = min(step, rows - chunk * step); row > 0; row--) {
    let sum = all<T>(0);
    let more = all<T>(0);
    // four sums, as an addition takes some cycles
    let third = all<T>(0);
    let fourth = all<T>(0);
    let p: usize = 0;
    for (; p + 48 < whole; p += 64) {
      sum = v128.add<T>(sum, v128.load(x + p));
      more = v128.add<T>(more, v128.load(x + p, 16));
      third = v128.add<T>(third, v128.load(x + p, 32));
      fourth = v128.add<T>(fourth, v128.load(x + p, 48));
    }
    sum = v128.add<T>(sum, third);
    more = v128.add<T>(more, fourth);
    for (; p < whole; p += 16) sum = v128.add<T>(sum, v128.load(x + p));
    if (rest > 0) more = v128.add<T>(more, loadPart<T>(x + whole, rest, 0));
    const mean = sumOf<T>(v128.add<T>(sum, more)) / (n as f64);
    const center = all<T>(mean);
    sum = all<T>(0);
    more = all<T>(0);
    third = all<T>(0);
    fourth = all<T>(0);
    for (p = 0; p + 48 < whole; p += 64) {
      const a = v128.sub<T>(v128.load(x + p), center);
      const b = v128.sub<T>(v128.load(x + p, 16), center);
      const c = v128.sub<T>(v128.load(x + p, 32), center);
      const d = v128.sub<T>(v128.load(x + p, 48), center);
      sum = fma<T>(a, a, sum);
      more = fma<T>(b, b, more);
      third = fma<T>(c, c, third);
      fourth = fma<T>(d, d, fourth);
    }
    sum = v128.add<T>(sum, third);
    more = v128.add<T>(more, fourth);
    for (; p < whole; p += 16) {
      const a = v128.sub<T>(v128.load(x + p), center);
      sum = fma<T>(a, a, sum);
    }
    if (rest > 0) {
      const a = v128.sub<T>(loadPart<T>(x + whole, rest, mean), center);
      more = fma<T>(a, a, more);
    }
    const variance = sumOf<T>(v128.add<T>(sum, more)) / (n as f64);
    store<T>(means, mean as T);
    store<T>(variances, variance as T);
    let scale = all<T>(1 / Math.sqrt(variance + eps));
    if (wide && weight != 0) {
      for (p = 0; p < whole; p += 16) {
        const y = v128.mul<T>(v128.sub<T>(v128.load(x + p), center), scale);
        const b = bias == 0 ? all<T>(0) : v128.load(bias + p);
        v128.store(out + p, fma<T>(y, v128.load(weight + p), b));
      }
      if (rest > 0) {
        const y = v128.mul<T>(v128.sub<T>(v128.load(x + p), center), scale);
        const b = bias == 0 ? all<T>(0) : v128.load(bias + p);
        storePart<T>(out + p, fma<T>(y, v128.load(weight + p), b), rest);
      }
    } else {
      let shift = all<T>(0);
      if (!wide) {
        if (weight != 0) {
          scale = v128.mul<T>(scale, all<T>(load<T>(weight) as f64));
          weight += sizeof<T>();
        }
        if (bias != 0) {
          shift = all<T>(load<T>(bias) as f64);
          bias += sizeof<T>();
        }
      }
      const each = wide && bias != 0;
      for (p = 0; p < whole; p += 16) {
        v128.store(out + p, fma<T>(v128.sub<T>(v128.load(x + p), center), scale, each ? v128.load(bias + p) : shift));
      }
      if (rest > 0) {
        storePart<T>(out + p, fma<T>(v128.sub<T>(v128.load(x + p), center), scale, each ? v128.load(bias + p) : shift), rest);
      }
    }
    out += size;
    x += size;
    means += sizeof<T>();
    variances += sizeof<T>();
  }
}

/** `scale · (h − mean h − normal · mean(h · normal))` with `h = g · weight`. The gradients of wide parameters are those of the chunk. */
// @ts-ignore
@inline
function normalizeBackward<T>(
  out: usize, gradWeight: usize, gradBias: usize, g: usize, x: usize, means: usize, variances: usize, weight: usize,
  rows: i32, n: i32, wide: bool, eps: f64, step: i32, chunk: i32,
): void {
  const size = usize(n) << alignof<T>();
  const rest = n & (lanes<T>() - 1);
  const whole = usize(n - rest) << alignof<T>();
  const before = usize(chunk * step);
  if (out != 0) out += size * before;
  g += size * before;
  x += size * before;
  means += before << alignof<T>();
  variances += before << alignof<T>();
  if (wide) {
    if (gradWeight != 0) {
      gradWeight += size * chunk;
      memory.fill(gradWeight, 0, size);
    }
    if (gradBias != 0) {
      gradBias += size * chunk;
      memory.fill(gradBias, 0, size);
    }
  } else {
    if (gradWeight != 0) gradWeight += before << alignof<T>();
    if (gradBias != 0) gradBias += before << alignof<T>();
    if (weight != 0) weight += before << alignof<T>();
  }
  const columns = wide && weight != 0;
  for (let row = min(step, rows - chunk * step); row > 0; row--) {
    const center = all<T>(load<T>(means) as f64);
    const factor: f64 = 1 / Math.sqrt((load<T>(variances) as f64) + eps);
    const scale = all<T>(factor);
    let sum = all<T>(0);
    let along = all<T>(0);
    let p: usize = 0;
    for (; p < whole; p += 16) {
      const d = v128.load(g + p);
      const y = v128.mul<T>(v128.sub<T>(v128.load(x + p), center), scale);
      const h = columns ? v128.mul<T>(d, v128.load(weight + p)) : d;
      sum = v128.add<T>(sum, h);
      along = fma<T>(h, y, along);
      if (wide) {
        if (gradWeight != 0) v128.store(gradWeight + p, fma<T>(d, y, v128.load(gradWeight + p)));
        if (gradBias != 0) v128.store(gradBias + p, v128.add<T>(d, v128.load(gradBias + p)));
      }
    }
    if (rest > 0) {
      const d = loadPart<T>(g + p, rest, 0);
      const y = v128.mul<T>(v128.sub<T>(loadPart<T>(x + p, rest, 0), center), scale);
      const h = columns ? v128.mul<T>(d, loadPart<T>(weight + p, rest, 0)) : d;
      sum = v128.add<T>(sum, h);
      along = fma<T>(h, y, along);
      if (wide) {
        if (gradWeight != 0) storePart<T>(gradWeight + p, fma<T>(d, y, v128.load(gradWeight + p)), rest);
        if (gradBias != 0) storePart<T>(gradBias + p, v128.add<T>(d, v128.load(gradBias + p)), rest);
      }
    }
    const total = sumOf<T>(sum);
    const projection = sumOf<T>(along);
    let outer = factor;
    if (!wide) {
      if (gradWeight != 0) {
        store<T>(gradWeight, projection as T);
        gradWeight += sizeof<T>();
      }
      if (gradBias != 0) {
        store<T>(gradBias, total as T);
        gradBias += sizeof<T>();
      }
      if (weight != 0) {
        outer *= load<T>(weight) as f64;
        weight += sizeof<T>();
      }
    }
    if (out != 0) {
      // outer · (h − total / n − y · projection / n)
      const a = all<T>(outer);
      const b = all<T>((-outer * total) / (n as f64));
      const c = all<T>((-outer * projection) / (n as f64));
      for (p = 0; p < whole; p += 16) {
        const d = v128.load(g + p);
        const y = v128.mul<T>(v128.sub<T>(v128.load(x + p), center), scale);
        const h = columns ? v128.mul<T>(d, v128.load(weight + p)) : d;
        v128.store(out + p, fma<T>(a, h, fma<T>(c, y, b)));
      }
      if (rest > 0) {
        const d = v128.load(g + p);
        const y = v128.mul<T>(v128.sub<T>(v128.load(x + p), center), scale);
        const h = columns ? v128.mul<T>(d, v128.load(weight + p)) : d;
        storePart<T>(out + p, fma<T>(a, h, fma<T>(c, y, b)), rest);
      }
      out += size;
    }
    g += size;
    x += size;
    means += sizeof<T>();
    variances += sizeof<T>();
  }
}

export function normalize32(
  out: usize, means: usize, variances: usize, x: usize, weight: usize, bias: usize,
  rows: i32, n: i32, wide: i32, eps: f64, step: i32, chunk: i32,
): void {
  if (wide) normalize<f32>(out, means, variances, x, weight, bias, rows, n, true, eps, step, chunk);
  else normalize<f32>(out, means, variances, x, weight, bias, rows, n, false, eps, step, chunk);
}
export function normalize64(
  out: usize, means: usize, variances: usize, x: usize, weight: usize, bias: usize,
  rows: i32, n: i32, wide: i32, eps: f64, step: i32, chunk: i32,
): void {
  normalize<f64>(out, means, variances, x, weight, bias, rows, n, wide != 0, eps, step, chunk);
}
export function normalizeBackward32(
  out: usize, gradWeight: usize, gradBias: usize, g: usize, x: usize, means: usize, variances: usize, weight: usize,
  rows: i32, n: i32, wide: i32, eps: f64, step: i32, chunk: i32,
): void {
  if (wide) normalizeBackward<f32>(out, gradWeight, gradBias, g, x, means, variances, weight, rows, n, true, eps, step, chunk);
  else normalizeBackward<f32>(out, gradWeight, gradBias, g, x, means, variances, weight, rows, n, false, eps, step, chunk);
}
export function normalizeBackward64(
  out: usize, gradWeight: usize, gradBias: usize, g: usize, x: usize, means: usize, variances: usize, weight: usize,
  rows: i32, n: i32, wide: i32, eps: f64, step: i32, chunk: i32,
): void {
  normalizeBackward<f64>(out, gradWeight, gradBias, g, x, means, variances, weight, rows, n, wide != 0, eps, step, chunk);
}
