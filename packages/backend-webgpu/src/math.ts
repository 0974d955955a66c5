/*
 * Functions of float32 in WGSL. What WGSL itself has may be as inaccurate as 2⁻¹¹ (sin, cos), 4096 units in the last place (atan2), or assume that
 * there is neither NaN nor infinity. The polynomials are those of S. L. Moshier's Cephes library (single precision).
 */

interface Part {
  readonly needs?: readonly MathName[];
  readonly code: string;
}

/** Names of the functions, as WGSL calls them. */
export type MathName =
  | "is_nan"
  | "inf"
  | "nan"
  | "pow2"
  | "exp_tail"
  | "exp_scaled"
  | "exp_of"
  | "expm1_of"
  | "log_tail"
  | "log_of"
  | "log1p_of"
  | "turns"
  | "sin_of"
  | "cos_of"
  | "tanh_of"
  | "sigmoid_of"
  | "erf_of"
  | "atan2_of"
  | "pow_of"
  | "fmod_of"
  | "max_of"
  | "min_of"
  | "sign_of"
  | "pow_int"
  | "pow_uint";

const parts: Readonly<Record<MathName, Part>> = {
  // as bits: a compiler may take `x != x` for false
  is_nan: { code: "fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }" },
  // variables: WGSL refuses constants that are not finite
  inf: {
    code: "var<private> inf_bits: u32 = 0x7f800000u;\nfn inf() -> f32 { return bitcast<f32>(inf_bits); }",
  },
  nan: {
    code: "var<private> nan_bits: u32 = 0x7fc00000u;\nfn nan() -> f32 { return bitcast<f32>(nan_bits); }",
  },
  /** 2ᵏ, for −126 ≤ k ≤ 127. */
  pow2: { code: "fn pow2(k: i32) -> f32 { return bitcast<f32>((k + 127) << 23u); }" },
  /** eʳ − 1 − r, for |r| ≤ ln 2 / 2. */
  exp_tail: {
    code: `fn exp_tail(r: f32) -> f32 {
  var p = 1.9875691500e-4;
  p = fma(p, r, 1.3981999507e-3);
  p = fma(p, r, 8.3334519073e-3);
  p = fma(p, r, 4.1665795894e-2);
  p = fma(p, r, 1.6666665459e-1);
  p = fma(p, r, 5.0000001201e-1);
  return p * r * r;
}`,
  },
  /** eʳ · 2ⁿ, where the result may be infinite or 0. */
  exp_scaled: {
    needs: ["exp_tail", "pow2"],
    code: `fn exp_scaled(r: f32, n: f32) -> f32 {
  let k = i32(n);
  let h = k >> 1u;
  return (1.0 + (r + exp_tail(r))) * pow2(h) * pow2(k - h);
}`,
  },
  exp_of: {
    needs: ["is_nan", "exp_scaled"],
    code: `fn exp_of(x: f32) -> f32 {
  let c = clamp(x, -104.0, 89.0);
  let n = round(c * 1.44269504);
  let r = fma(n, 2.12194440e-4, fma(n, -0.693359375, c));
  return select(exp_scaled(r, n), x, is_nan(x));
}`,
  },
  expm1_of: {
    needs: ["exp_of", "exp_tail"],
    code: `fn expm1_of(x: f32) -> f32 {
  if (abs(x) < 0.34) { return x + exp_tail(x); }
  return exp_of(x) - 1.0;
}`,
  },
  /** log(1 + m) − m, for √½ ≤ 1 + m ≤ √2. */
  log_tail: {
    code: `fn log_tail(m: f32) -> f32 {
  var p = 7.0376836292e-2;
  p = fma(p, m, -1.1514610310e-1);
  p = fma(p, m, 1.1676998740e-1);
  p = fma(p, m, -1.2420140846e-1);
  p = fma(p, m, 1.4249322787e-1);
  p = fma(p, m, -1.6668057665e-1);
  p = fma(p, m, 2.0000714765e-1);
  p = fma(p, m, -2.4999993993e-1);
  p = fma(p, m, 3.3333331174e-1);
  let z = m * m;
  return fma(p * m, z, -0.5 * z);
}
struct Split { e: f32, m: f32 }
/* x = 2^e (1 + m), for positive finite x */
fn split(x: f32) -> Split {
  let small = x < 1.17549435e-38;
  let word = bitcast<i32>(select(x, x * 8388608.0, small));
  var e = f32((word >> 23u) - 126) - select(0.0, 23.0, small);
  var m = bitcast<f32>((word & 0x007fffff) | 0x3f000000);
  if (m < 0.70710678) { e -= 1.0; m += m; }
  return Split(e, m - 1.0);
}`,
  },
  log_of: {
    needs: ["is_nan", "inf", "nan", "log_tail"],
    code: `fn log_of(x: f32) -> f32 {
  if (is_nan(x) || x < 0.0) { return nan(); }
  if (x == 0.0) { return -inf(); }
  if (x == inf()) { return x; }
  let s = split(x);
  return fma(s.e, 0.693359375, s.m + fma(s.e, -2.12194440e-4, log_tail(s.m)));
}`,
  },
  log1p_of: {
    needs: ["log_of", "log_tail"],
    code: `fn log1p_of(x: f32) -> f32 {
  if (x > -0.29 && x < 0.41) { return x + log_tail(x); }
  return log_of(1.0 + x);
}`,
  },
  /**
   * The quarter turns nearest to x, and what is left: by subtraction in three steps (Cody and Waite) for small x, otherwise from the digits of 2/π
   * that matter (Payne and Hanek).
   */
  turns: {
    needs: ["nan", "pow2"],
    code: `struct Turns { quarter: i32, r: f32 }
const two_over_pi = array<u32, 8>(0u, 0x28be60dbu, 0x9391054au, 0x7f09d5f4u, 0x7d4d3770u, 0x36d8a566u, 0x4f10e410u, 0x7f9458eau);
fn mul_high(a: u32, b: u32) -> u32 {
  let mid = (a >> 16u) * (b & 0xffffu) + (((a & 0xffffu) * (b & 0xffffu)) >> 16u);
  let low = (a & 0xffffu) * (b >> 16u) + (mid & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (mid >> 16u) + (low >> 16u);
}
fn turns(x: f32) -> Turns {
  let a = abs(x);
  if (a < 8000.0) {
    let n = round(x * 0.636619772);
    return Turns(i32(n), fma(n, -7.54978995489188216e-8, fma(n, -4.837512969970703125e-4, fma(n, -1.5703125, x))));
  }
  let word = bitcast<u32>(a);
  let m = ((word & 0x007fffffu) << 8u) | 0x80000000u;
  let e = (word >> 23u) - 126u;
  let i = e >> 5u;
  let s = e & 31u;
  var digits = two_over_pi;
  var high = digits[i];
  var mid = digits[i + 1u];
  var low = digits[i + 2u];
  if (s != 0u) {
    high = (high << s) | (mid >> (32u - s));
    mid = (mid << s) | (low >> (32u - s));
    low = (low << s) | (digits[i + 3u] >> (32u - s));
  }
  let carry = mul_high(m, low);
  var below = m * mid + carry;
  var above = m * high + mul_high(m, mid) + select(0u, 1u, below < carry);
  var quarter = i32(above >> 30u);
  above &= 0x3fffffffu;
  var negative = false;
  if ((above & 0x20000000u) != 0u) {
    quarter += 1;
    negative = true;
    below = ~below + 1u;
    above = (0x40000000u - above) - select(1u, 0u, below == 0u);
  }
  var r = (f32(above) * 4294967296.0 + f32(below)) * 1.57079632679 * pow2(-62);
  if (negative) { r = -r; }
  if (x < 0.0) { return Turns(-quarter, -r); }
  return Turns(quarter, r);
}
fn sin_part(x: f32) -> f32 {
  let z = x * x;
  return fma(x * z, fma(fma(-1.9515295891e-4, z, 8.3321608736e-3), z, -1.6666654611e-1), x);
}
fn cos_part(x: f32) -> f32 {
  let z = x * x;
  return fma(z * z, fma(fma(2.443315711809948e-5, z, -1.388731625493765e-3), z, 4.166664568298827e-2), fma(-0.5, z, 1.0));
}
fn sine(x: f32, ahead: i32) -> f32 {
  if ((bitcast<u32>(x) & 0x7f800000u) == 0x7f800000u) { return nan(); }
  let t = turns(x);
  let q = t.quarter + ahead;
  let y = select(sin_part(t.r), cos_part(t.r), (q & 1) == 1);
  return select(y, -y, (q & 2) == 2);
}`,
  },
  sin_of: { needs: ["turns"], code: "fn sin_of(x: f32) -> f32 { return select(sine(x, 0), x, x == 0.0); }" },
  cos_of: { needs: ["turns"], code: "fn cos_of(x: f32) -> f32 { return sine(x, 1); }" },
  tanh_of: {
    needs: ["is_nan", "exp_of"],
    code: `fn tanh_of(x: f32) -> f32 {
  let a = abs(x);
  if (a < 0.625) {
    let z = x * x;
    var p = -5.70498872745e-3;
    p = fma(p, z, 2.06390887954e-2);
    p = fma(p, z, -5.37397155531e-2);
    p = fma(p, z, 1.33314422036e-1);
    p = fma(p, z, -3.33332819422e-1);
    return fma(p * z, x, x);
  }
  if (is_nan(x)) { return x; }
  let y = 1.0 - 2.0 / (exp_of(2.0 * min(a, 10.0)) + 1.0);
  return select(y, -y, x < 0.0);
}`,
  },
  sigmoid_of: {
    needs: ["exp_of"],
    code: `fn sigmoid_of(x: f32) -> f32 {
  let e = exp_of(-abs(x));
  return select(1.0, e, x < 0.0) / (1.0 + e);
}`,
  },
  erf_of: {
    needs: ["is_nan", "exp_of"],
    code: `fn erf_of(x: f32) -> f32 {
  let a = abs(x);
  if (a < 1.0) {
    let z = x * x;
    var p = 7.853861353153693e-5;
    p = fma(p, z, -8.010193625184903e-4);
    p = fma(p, z, 5.188327685732524e-3);
    p = fma(p, z, -2.685381193529856e-2);
    p = fma(p, z, 1.128358514861418e-1);
    p = fma(p, z, -3.761262582423300e-1);
    p = fma(p, z, 1.128379165726710);
    return x * p;
  }
  if (is_nan(x)) { return x; }
  let s = select(1.0, -1.0, x < 0.0);
  if (a > 4.0) { return s; }
  let q = 1.0 / a;
  let y = q * q;
  var p = 0.0;
  if (a < 2.0) {
    p = 2.326819970068386e-2;
    p = fma(p, y, -1.387039388740657e-1);
    p = fma(p, y, 3.687424674597105e-1);
    p = fma(p, y, -5.824733027278666e-1);
    p = fma(p, y, 6.210004621745983e-1);
    p = fma(p, y, -4.944515323274145e-1);
    p = fma(p, y, 3.404879937665872e-1);
    p = fma(p, y, -2.741127028184656e-1);
    p = fma(p, y, 5.638259427386472e-1);
  } else {
    p = -1.047766399936249e+1;
    p = fma(p, y, 1.297719955372516e+1);
    p = fma(p, y, -7.495518717768503);
    p = fma(p, y, 2.921019019210786);
    p = fma(p, y, -1.015265279202700);
    p = fma(p, y, 4.218463358204948e-1);
    p = fma(p, y, -2.820767439740514e-1);
    p = fma(p, y, 5.641895067754075e-1);
  }
  return s * (1.0 - exp_of(-a * a) * q * p);
}`,
  },
  atan2_of: {
    needs: ["is_nan", "inf", "nan"],
    code: `fn atan2_of(y: f32, x: f32) -> f32 {
  if (is_nan(x) || is_nan(y)) { return nan(); }
  let a = abs(y);
  let b = abs(x);
  let most = max(a, b);
  var t = 0.0;
  if (a == b && most != 0.0) { t = 1.0; } else if (most != 0.0 && most != inf()) { t = min(a, b) / most; }
  var r = 0.0;
  if (t > 0.41421356) { r = 0.785398163; t = (t - 1.0) / (t + 1.0); }
  let z = t * t;
  var p = 8.05374449538e-2;
  p = fma(p, z, -1.38776856032e-1);
  p = fma(p, z, 1.99777106478e-1);
  p = fma(p, z, -3.33329491539e-1);
  r += fma(p * z, t, t);
  if (a > b) { r = 1.57079637 - r; }
  if ((bitcast<u32>(x) >> 31u) != 0u) { r = 3.14159274 - r; }
  return select(r, -r, (bitcast<u32>(y) >> 31u) != 0u);
}`,
  },
  /** |x|ʸ as e^(y log|x|), with the logarithm and the product in two parts each. */
  pow_of: {
    needs: ["is_nan", "inf", "nan", "log_tail", "exp_scaled"],
    code: `fn pow_size(a: f32, y: f32) -> f32 {
  if (a == 1.0) { return 1.0; }
  if (a == 0.0 || a == inf() || abs(y) == inf()) { return select(0.0, inf(), (a > 1.0) == (y > 0.0)); }
  let s = split(a);
  let large = s.e * 0.693359375;
  let p = y * large;
  let q = y * s.m;
  let t = y * fma(s.e, -2.12194440e-4, log_tail(s.m));
  let sum = p + q + t;
  if (sum > 90.0) { return inf(); }
  if (sum < -105.0) { return 0.0; }
  let lost = fma(y, large, -p) + fma(y, s.m, -q);
  let n = round(sum * 1.44269504);
  return exp_scaled(fma(n, 2.12194440e-4, fma(n, -0.693359375, p) + q) + t + lost, n);
}
fn pow_of(x: f32, y: f32) -> f32 {
  if (y == 0.0 || x == 1.0) { return 1.0; }
  if (is_nan(x) || is_nan(y)) { return nan(); }
  if (y == 1.0) { return x; }
  if (y == 2.0) { return x * x; }
  if (y == 3.0) { return x * x * x; }
  if (y == -1.0) { return 1.0 / x; }
  let r = pow_size(abs(x), y);
  if ((bitcast<u32>(x) >> 31u) == 0u) { return r; }
  let whole = trunc(y) == y;
  if (!whole && x != 0.0 && x != -inf()) { return nan(); }
  let odd = whole && abs(y) < 16777216.0 && (i32(y) & 1) == 1;
  return select(r, -r, odd);
}`,
  },
  /** Exact, by long division of the mantissas, eight bits a step. */
  fmod_of: {
    needs: ["is_nan", "inf", "nan", "pow2"],
    code: `fn fmod_of(x: f32, y: f32) -> f32 {
  let a = abs(x);
  let b = abs(y);
  if (is_nan(x) || is_nan(y) || a == inf() || b == 0.0) { return nan(); }
  if (a < b) { return x; }
  let p = bitcast<u32>(a);
  let q = bitcast<u32>(b);
  let e = max(p >> 23u, 1u);
  let f = max(q >> 23u, 1u);
  let m = (p & 0x007fffffu) | select(0u, 0x00800000u, p > 0x007fffffu);
  let d = (q & 0x007fffffu) | select(0u, 0x00800000u, q > 0x007fffffu);
  var rest = m % d;
  for (var left = e - f; left > 0u && rest != 0u;) {
    let step = min(left, 8u);
    rest = (rest << step) % d;
    left -= step;
  }
  let k = i32(f) - 150;
  let h = k / 2;
  let r = f32(rest) * pow2(h) * pow2(k - h);
  return select(r, -r, (bitcast<u32>(x) >> 31u) != 0u);
}`,
  },
  max_of: {
    needs: ["is_nan"],
    code: "fn max_of(a: f32, b: f32) -> f32 { return select(select(select(b, a, a > b), b, is_nan(b)), a, is_nan(a)); }",
  },
  min_of: {
    needs: ["is_nan"],
    code: "fn min_of(a: f32, b: f32) -> f32 { return select(select(select(b, a, a < b), b, is_nan(b)), a, is_nan(a)); }",
  },
  /** Exact modulo 2³²; to a negative power 0, but for the bases 1 and −1. */
  pow_int: {
    code: `fn pow_int(x: i32, y: i32) -> i32 {
  if (y < 0) { return select(select(0, select(1, -1, (y & 1) != 0), x == -1), 1, x == 1); }
  var result = 1;
  var base = x;
  for (var left = y; left > 0; left >>= 1u) {
    if ((left & 1) != 0) { result *= base; }
    base *= base;
  }
  return result;
}`,
  },
  pow_uint: {
    code: `fn pow_uint(x: u32, y: u32) -> u32 {
  var result = 1u;
  var base = x;
  for (var left = y; left > 0u; left >>= 1u) {
    if ((left & 1u) != 0u) { result *= base; }
    base *= base;
  }
  return result;
}`,
  },
  sign_of: { code: "fn sign_of(x: f32) -> f32 { return select(0.0, 1.0, x > 0.0) - select(0.0, 1.0, x < 0.0); }" },
};

/** The text of these functions and of what they call, each once. */
export function math(...names: readonly MathName[]): string {
  const chosen = new Set<MathName>();
  const choose = (name: MathName): void => {
    if (chosen.has(name)) return;
    parts[name].needs?.forEach(choose);
    chosen.add(name);
  };
  names.forEach(choose);
  return [...chosen].map((name) => parts[name].code).join("\n");
}
