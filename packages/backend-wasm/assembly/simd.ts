/** `a·b + c` for four float32: in one rounding with relaxed SIMD, in two without. */
// @ts-ignore: decorators are AssemblyScript's
@inline
export function fma32(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);
}

/** The same for two float64. */
// @ts-ignore: decorators are AssemblyScript's
@inline
export function fma64(a: v128, b: v128, c: v128): v128 {
  return ASC_FEATURE_RELAXED_SIMD ? f64x2.relaxed_madd(a, b, c) : f64x2.add(f64x2.mul(a, b), c);
}
