/*
 * Pooling of images (planes, height, width), float32 and float64. A chunk is `some` planes.
 */

// @ts-ignore: decorators are AssemblyScript's
@inline function ceilDivided(a: i32, b: i32): i32 {
  return a <= 0 ? 0 : b === 1 ? a : (a + b - 1) / b;
}
/** The last of `n` elements, `step` apart from `first` on, that is below `size`. */
// @ts-ignore: decorator
@inline function lastBelow(size: i32, first: i32, step: i32, n: i32): i32 {
  const left = size - 1 - first;
  return left < 0 ? -1 : min(n - 1, step === 1 ? left : left / step);
}

function largest<T>(
  values: usize,
  indices: usize,
  input: usize,
  height: i32,
  width: i32,
  down: i32,
  across: i32,
  kernelY: i32,
  kernelX: i32,
  strideY: i32,
  strideX: i32,
  top: i32,
  left: i32,
  dilationY: i32,
  dilationX: i32,
  planes: i32,
): void {
  const size = sizeof<T>();
  const halves = size === 4 && kernelY === 2 && kernelX === 2 && strideX === 2 && (top | left) === 0 && dilationX === 1 && dilationY === 1;
  for (let plane = 0; plane < planes; plane++) {
    for (let i = 0; i < down; i++) {
      const y = i * strideY - top;
      const firstY = ceilDivided(-y, dilationY);
      const lastY = lastBelow(height, y, dilationY, kernelY);
      let j = 0;
      if (halves && lastY === 1) {
        const many = min(across, width >> 1);
        for (; j + 4 <= many; j += 4) {
          halved(values, indices, input + (usize(y * width + 2 * j) << 2), y * width + 2 * j, width);
          values += 16;
          indices += indices ? 16 : 0;
        }
        if (j > 0 && j < many) {
          // the last four, some of them again
          const back = usize(j + 4 - many) << 2;
          const place = y * width + 2 * (many - 4);
          halved(values - back, indices ? indices - back : 0, input + (usize(place) << 2), place, width);
          values += 16 - back;
          indices += indices ? 16 - back : 0;
          j = many;
        }
      }
      for (; j < across; j++) {
        const x = j * strideX - left;
        const firstX = ceilDivided(-x, dilationX);
        const lastX = lastBelow(width, x, dilationX, kernelX);
        let place = (y + firstY * dilationY) * width + x + firstX * dilationX;
        let best = load<T>(input + usize(place) * size);
        for (let k = firstY; k <= lastY; k++) {
          const row = (y + k * dilationY) * width + x;
          for (let l = firstX; l <= lastX; l++) {
            const at = row + l * dilationX;
            const value = load<T>(input + usize(at) * size);
            if (value > best || (value !== value && best === best)) {
              best = value;
              place = at;
            }
          }
        }
        store<T>(values, best);
        values += size;
        if (indices) {
          store<i32>(indices, place);
          indices += 4;
        }
      }
    }
    input += usize(height * width) * size;
  }
}

/** Four windows of 2×2 side by side. */
// @ts-ignore: decorator
@inline function halved(values: usize, indices: usize, from: usize, place: i32, width: i32): void {
  const row = from + (usize(width) << 2);
  const a = v128.load(from);
  const b = v128.load(from, 16);
  const c = v128.load(row);
  const d = v128.load(row, 16);
  let best = i32x4.shuffle(a, b, 0, 2, 4, 6);
  const second = i32x4.shuffle(a, b, 1, 3, 5, 7);
  const third = i32x4.shuffle(c, d, 0, 2, 4, 6);
  const fourth = i32x4.shuffle(c, d, 1, 3, 5, 7);
  if (!indices) {
    v128.store(values, f32x4.max(f32x4.max(best, second), f32x4.max(third, fourth)));
    return;
  }
  let where = i32x4.add(i32x4.splat(place), i32x4(0, 2, 4, 6));
  let next = i32x4.add(where, i32x4.splat(1));
  let more = exceeds(second, best);
  best = v128.bitselect(second, best, more);
  let to = v128.bitselect(next, where, more);
  where = i32x4.add(where, i32x4.splat(width));
  more = exceeds(third, best);
  best = v128.bitselect(third, best, more);
  to = v128.bitselect(where, to, more);
  next = i32x4.add(where, i32x4.splat(1));
  more = exceeds(fourth, best);
  v128.store(values, v128.bitselect(fourth, best, more));
  v128.store(indices, v128.bitselect(next, to, more));
}

/** Where a value takes the place of the best so far: the greater, and the first NaN. */
// @ts-ignore: decorator
@inline function exceeds(value: v128, best: v128): v128 {
  return v128.or(f32x4.gt(value, best), v128.and(f32x4.ne(value, value), f32x4.eq(best, best)));
}

/** `spread` = false: sums of windows, divided by `divisor` or, unless it is 0, by what is at `divisors`; true: the gradient. */
function averages<T>(
  spread: bool,
  out: usize,
  image: usize,
  divisors: usize,
  divisor: f64,
  height: i32,
  width: i32,
  down: i32,
  across: i32,
  kernelY: i32,
  kernelX: i32,
  strideY: i32,
  strideX: i32,
  top: i32,
  left: i32,
  dilationY: i32,
  dilationX: i32,
  planes: i32,
): void {
  const size = sizeof<T>();
  const area = usize(height * width) * size;
  for (let plane = 0; plane < planes; plane++) {
    if (spread) memory.fill(image, 0, area);
    let by = divisors;
    for (let i = 0; i < down; i++) {
      const y = i * strideY - top;
      const firstY = ceilDivided(-y, dilationY);
      const lastY = lastBelow(height, y, dilationY, kernelY);
      for (let j = 0; j < across; j++) {
        const x = j * strideX - left;
        const firstX = ceilDivided(-x, dilationX);
        const lastX = lastBelow(width, x, dilationX, kernelX);
        const share = divisors ? load<T>(by) : <T>divisor;
        by += size;
        let sum: T = spread ? load<T>(out) / share : 0;
        for (let k = firstY; k <= lastY; k++) {
          let at = image + usize((y + k * dilationY) * width + x + firstX * dilationX) * size;
          for (let l = firstX; l <= lastX; l++) {
            if (spread) store<T>(at, load<T>(at) + sum);
            else sum += load<T>(at);
            at += usize(dilationX) * size;
          }
        }
        if (!spread) store<T>(out, sum / share);
        out += size;
      }
    }
    image += area;
  }
}

/** The largest of each window, and (unless `indices` is 0) where it is in its plane. */
export function maxPool(
  double: i32,
  values: usize,
  indices: usize,
  input: usize,
  height: i32,
  width: i32,
  down: i32,
  across: i32,
  kernelY: i32,
  kernelX: i32,
  strideY: i32,
  strideX: i32,
  top: i32,
  left: i32,
  dilationY: i32,
  dilationX: i32,
  planes: i32,
  some: i32,
  chunk: i32,
): void {
  const size = double ? 8 : 4;
  const first = chunk * some;
  const many = min(some, planes - first);
  const to = values + usize(first * down * across) * size;
  const at = indices ? indices + (usize(first * down * across) << 2) : 0;
  const from = input + usize(first * height * width) * size;
  if (double) largest<f64>(to, at, from, height, width, down, across, kernelY, kernelX, strideY, strideX, top, left, dilationY, dilationX, many);
  else largest<f32>(to, at, from, height, width, down, across, kernelY, kernelX, strideY, strideX, top, left, dilationY, dilationX, many);
}

/** Averages `out` of `image`, or, if `spread`, the gradient `image` of averages `out`. */
export function averagePool(
  double: i32,
  spread: i32,
  out: usize,
  image: usize,
  divisors: usize,
  divisor: f64,
  height: i32,
  width: i32,
  down: i32,
  across: i32,
  kernelY: i32,
  kernelX: i32,
  strideY: i32,
  strideX: i32,
  top: i32,
  left: i32,
  dilationY: i32,
  dilationX: i32,
  planes: i32,
  some: i32,
  chunk: i32,
): void {
  const size = double ? 8 : 4;
  const first = chunk * some;
  const many = min(some, planes - first);
  const to = out + usize(first * down * across) * size;
  const from = image + usize(first * height * width) * size;
  if (double) averages<f64>(spread !== 0, to, from, divisors, divisor, height, width, down, across, kernelY, kernelX, strideY, strideX, top, left, dilationY, dilationX, many);
  else averages<f32>(spread !== 0, to, from, divisors, divisor, height, width, down, across, kernelY, kernelX, strideY, strideX, top, left, dilationY, dilationX, many);
}
