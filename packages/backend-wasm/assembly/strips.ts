/**
 * Copies `rows` rows of `across` elements of an image (height, width) to `to`: every `down`th row from `y` on, of that every `right`th element
 * from `x` on, with zeros for what lies outside.
 */
export function strip<T>(
  to: usize,
  image: usize,
  height: i32,
  width: i32,
  y: i32,
  x: i32,
  down: i32,
  right: i32,
  rows: i32,
  across: i32,
): void {
  const size = sizeof<T>();
  const first = min(across, x < 0 ? (right - 1 - x) / right : 0);
  const last = max(first, min(across, x >= width ? 0 : (width - 1 - x) / right + 1));
  const line = usize(across) * size;
  const step = usize(right) * size;
  for (let i = 0; i < rows; i++, y += down) {
    const end = to + line;
    if (y < 0 || y >= height) {
      for (; to < end; to += size) store<T>(to, 0);
      continue;
    }
    for (const stop = to + usize(first) * size; to < stop; to += size) store<T>(to, 0);
    let from = image + usize(y * width + x + first * right) * size;
    const stop = end - usize(across - last) * size;
    if (right === 1) {
      for (; to + 16 <= stop; to += 16) {
        v128.store(to, v128.load(from));
        from += 16;
      }
    }
    for (; to < stop; to += size) {
      store<T>(to, load<T>(from));
      from += step;
    }
    for (; to < end; to += size) store<T>(to, 0);
  }
}
