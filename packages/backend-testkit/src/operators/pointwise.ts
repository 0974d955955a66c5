import { call, type Table } from "./case.js";
import { mask, Values } from "./values.js";

const v = new Values();
/** Layouts that every function of one argument sees. */
const shapes = () => [call(v.any(2, 3)), call(v.any()), call(v.gapped(3, 2)), call(v.any(0))];
const positive = () => [call(v.positive(2, 3)), call(v.positive())];
/** In (−1, 1). */
const inside = () => [call(v.small(2, 3)), call(v.small())];
/** In (−1.75, −1.25). */
const betweenPoles = () => v.small(4).detach().mul(0.25).sub(1.5).requiresGrad_();
/** Two tensors of one shape, broadcast both ways, a scalar tensor, an argument used twice. */
const pairs = () => {
  const twice = v.any(3);
  return [
    call(v.any(2, 3), v.any(2, 3)),
    call(v.any(2, 1), v.any(3)),
    call(v.gapped(2, 2), v.any()),
    call(v.any(), v.any(2)),
    call(twice, twice),
  ];
};
const positivePairs = () => [
  call(v.positive(2, 3), v.positive(2, 3)),
  call(v.positive(2, 1), v.positive(3)),
  call(v.positive(3), v.positive()),
];
/** With a number on either side. */
const numbers = () => [call(v.any(3), 2.5), call(v.any(3), -2), call(1.5, v.any(3)), call(2, v.any())];
/** With a number on the right. */
const number = () => [call(v.any(3), 2.5), call(v.gapped(2, 2), -2)];

export const pointwise: Table = {
  neg: shapes(),
  abs: shapes(),
  sign: shapes(),
  floor: shapes(),
  ceil: shapes(),
  trunc: shapes(),
  round: [...shapes(), call(v.any(3), { decimals: 0 })],
  exp: shapes(),
  expm1: shapes(),
  exp2: shapes(),
  sin: shapes(),
  cos: shapes(),
  tan: [call(v.positive(4).detach().mul(0.7).requiresGrad_())],
  atan: shapes(),
  tanh: shapes(),
  sigmoid: shapes(),
  erf: shapes(),
  square: shapes(),
  reciprocal: shapes(),
  relu: shapes(),
  hardshrink: [...shapes(), call(v.any(5), 1.5)],
  prelu: [
    call(v.any(2, 3), v.positive(3)),
    call(v.any(2, 2, 2), v.positive(2)),
    call(v.any(3), v.positive(1)),
    call(v.any(), v.positive()),
  ],
  sqrt: positive(),
  rsqrt: positive(),
  log: positive(),
  log2: positive(),
  log10: positive(),
  log1p: positive(),
  positive: shapes(),
  frac: shapes(),
  sgn: shapes(),
  sinh: shapes(),
  cosh: shapes(),
  deg2rad: shapes(),
  rad2deg: shapes(),
  angle: shapes(),
  asinh: shapes(),
  sinc: shapes(),
  conj: shapes(),
  conjPhysical: shapes(),
  resolveConj: shapes(),
  resolveNeg: shapes(),
  real: shapes(),
  acosh: [call(v.positive(3).detach().add(1).requiresGrad_()), call(v.positive().detach().add(1).requiresGrad_())],
  logit: [call(v.fraction(2, 3)), call(v.fraction(6), 0.2), call(v.fraction(3), { eps: 0.1 })],
  i0: shapes(),
  erfc: shapes(),
  erfinv: inside(),
  lgamma: [...positive(), call(betweenPoles())],
  digamma: [...positive(), call(betweenPoles())],
  polygamma: [0, 1, 2, 3].flatMap((n) => [call(n, v.positive(2, 3)), call(n, betweenPoles())]),
  mvlgamma: [1, 3].map((p) => call(v.positive(2, 3).detach().add(2).requiresGrad_(), p)),
  nanToNum: [...shapes(), call(v.any(2), 0.5)],
  asin: inside(),
  acos: inside(),
  atanh: inside(),

  add: [...pairs(), ...numbers(), call(v.any(2), v.any(2), { alpha: 0.5 }), call(v.any(2), 3, { alpha: -2 })],
  sub: [...pairs(), ...numbers(), call(v.any(2), v.any(2), { alpha: 0.5 })],
  rsub: [...pairs(), ...number(), call(v.any(2), v.any(2), { alpha: 0.5 })],
  mul: [...pairs(), ...numbers()],
  div: [...pairs(), ...numbers(), call(v.any(3), v.any(3), { roundingMode: "floor" })],
  trueDivide: [...pairs(), ...numbers()],
  floorDivide: [call(v.any(3), v.any(3)), call(v.any(3), 0.7)],
  fmod: [call(v.any(3), v.positive(3)), call(v.any(2, 2), 0.7)],
  remainder: [call(v.any(3), v.positive(3)), call(v.any(2, 2), 0.7)],
  maximum: pairs(),
  minimum: pairs(),
  atan2: [call(v.any(2, 3), v.any(2, 3)), call(v.any(2, 1), v.any(3)), call(v.any(2), v.any())],
  pow: [
    ...positivePairs(),
    call(v.any(3), 3),
    call(v.any(3), 2),
    call(v.any(3), 1),
    call(v.any(3), 0),
    call(v.any(3), -1),
    call(v.positive(3), 0.5),
    call(2.5, v.any(3)),
  ],
  lerp: [call(v.any(2, 3), v.any(2, 3), 0.3), call(v.any(2, 3), v.any(3), v.any(2, 1)), call(v.any(), v.any(), 0.8)],
  addcmul: [call(v.any(2, 3), v.any(2, 3), v.any(2, 3)), call(v.any(2, 3), v.any(3), v.any(2, 1), { value: -0.5 })],
  addcdiv: [
    call(v.any(2, 3), v.any(2, 3), v.positive(2, 3)),
    call(v.any(2, 3), v.any(3), v.positive(2, 1), { value: 2 }),
  ],

  fmax: pairs(),
  fmin: pairs(),
  logaddexp: pairs(),
  logaddexp2: pairs(),
  hypot: pairs(),
  copysign: [...pairs(), ...number()],
  ldexp: pairs(),
  xlogy: [...positivePairs(), call(v.any(3), 2.5), call(1.5, v.positive(3))],
  floatPower: [...positivePairs(), call(v.any(3), 3), call(2.5, v.any(3))],

  where: [
    call(mask([true, false, true]), v.any(3), v.any(3)),
    call(mask([[true], [false]]), v.any(3), v.any(2, 3)),
    call(mask([true, false]), v.any(), 2.5),
    call(mask([true, false]), 1, v.any(2)),
  ],
  maskedFill: [call(v.any(2, 3), mask([true, false, true]), 0.5), call(v.any(3), mask([true, false, true]), v.any())],
  clamp: [
    call(v.any(6), -0.6, 0.8),
    call(v.any(6), { min: 0 }),
    call(v.any(2, 3), null, 0.4),
    call(v.any(4), v.positive(4).detach().neg().requiresGrad_(), v.positive(4)),
    call(v.any(2, 3), v.positive(3).detach().neg().requiresGrad_(), null),
  ],
  clampMin: [call(v.any(5), 0), call(v.any(2, 2), v.any(2))],
  clampMax: [call(v.any(5), 0), call(v.any(2, 2), v.any(2))],
};
