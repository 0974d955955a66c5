import { tensor } from "@kindling/autograd";
import { call, type Table } from "./case.js";
import { Values } from "./values.js";

const v = new Values();
/** Over everything, one dimension, several, kept and dropped, views and scalars. */
const dims = (make: (...shape: number[]) => unknown = (...shape) => v.any(...shape)) => [
  call(make(2, 3)),
  call(make(2, 3), 1),
  call(make(2, 3), 0, true),
  call(make(2, 2, 2), [0, -1]),
  call(make(2, 3), { dim: [0, 1], keepdim: true }),
  call(v.gapped(3, 2), -1),
  call(make()),
  call(make(), 0),
];
const one = () => [
  call(v.any(2, 3), 1),
  call(v.any(2, 3), 0, true),
  call(v.gapped(3, 2), { dim: -1, keepdim: true }),
  call(v.any(4), 0),
  call(v.any(), 0),
];

const withZeros = (...shape: number[]) => {
  const x = v.any(...shape);
  x.data.setAt([0], 0);
  return x;
};

export const reductions: Table = {
  sum: [...dims(), call(v.any(0, 2), 0), call(v.any(2, 2), { dtype: "float64" })],
  mean: dims(),
  var: [
    call(v.any(2, 3)),
    call(v.any(2, 3), 1),
    call(v.any(3, 2), 0, false, true),
    call(v.any(4), { dim: 0, correction: 0 }),
  ],
  std: [call(v.any(2, 3)), call(v.any(2, 3), 1), call(v.any(3, 2), 0, false, true)],
  varMean: [call(v.any(2, 3)), call(v.any(2, 3), 1), call(v.any(3, 2), { dim: 0, keepdim: true })],
  stdMean: [call(v.any(2, 3)), call(v.any(2, 3), 1)],
  nansum: dims(),
  nanmean: dims(),
  msort: [call(v.any(3, 2))],
  trace: [call(v.any(3, 3)), call(v.any(2, 3))],
  prod: [
    call(v.any(2, 3)),
    call(v.any(2, 3), 1),
    call(v.any(3, 2), 0, true),
    call(v.any()),
    call(withZeros(4)),
    call(withZeros(2, 2), 0),
    call(v.gapped(2, 2), -1),
  ],
  amax: dims(),
  amin: dims(),
  max: [...one(), call(v.any(2, 3)), call(v.any(2, 3), v.any(3))],
  min: [...one(), call(v.any(2, 3)), call(v.any(2, 3), v.any(3))],
  logsumexp: [call(v.any(2, 3), 1), call(v.any(2, 3), [0, 1]), call(v.gapped(3, 2), 0, true), call(v.any(), 0)],
  cumsum: [call(v.any(2, 3), 1), call(v.gapped(3, 2), 0), call(v.any(), 0)],
  cumprod: [call(v.any(2, 3), 1), call(v.gapped(3, 2), 0), call(withZeros(4), 0), call(v.any(), 0)],
  cummax: [call(v.any(2, 3), 1), call(v.gapped(3, 2), 0), call(v.any(), 0)],
  cummin: [call(v.any(2, 3), 1), call(v.gapped(3, 2), 0), call(v.any(), 0)],
  logcumsumexp: [call(v.any(2, 3), 1), call(v.gapped(5, 2), 0), call(v.any(), 0)],
  aminmax: [call(v.any(2, 3)), call(v.any(2, 3), { dim: 1 }), call(v.gapped(3, 2), { dim: 0, keepdim: true })],
  median: [call(v.any(5)), call(v.any(2, 3)), ...one()],
  nanmedian: [call(v.any(5)), call(v.any(2, 3)), ...one()],
  kthvalue: [call(v.any(2, 3), 2), call(v.gapped(3, 2), 1, 0, true), call(v.any(), 1)],
  mode: one(),
  quantile: [
    call(v.any(2, 3), 0.4),
    call(v.any(2, 3), tensor([0.3, 0.8], { dtype: "float64" }), 1),
    call(v.gapped(3, 2), v.small(2).detach().abs().requiresGrad_(), { dim: 0, keepdim: true }),
    call(v.any(4), 0.6, { interpolation: "midpoint" }),
    call(v.any(4), 0.6, { interpolation: "nearest" }),
  ],
  nanquantile: [call(v.any(2, 3), 0.4, 1), call(v.any(5), tensor([0.2, 0.9], { dtype: "float64" }))],
  diff: [
    call(v.any(2, 3)),
    call(v.any(4, 2), 2, 0),
    call(v.any(2, 3), 1, -1, v.any(2, 1), v.any(2, 2)),
    call(v.any(3), 0),
    call(v.any(2), 5),
  ],
  gradient: [
    call(v.any(4)),
    call(v.any(3, 3), { edgeOrder: 2 }),
    call(v.any(3, 4), { spacing: 0.5, dim: 1 }),
    call(v.any(3, 3), {
      spacing: [tensor([0, 1, 3], { dtype: "float64" }), tensor([0, 2, 3], { dtype: "float64" })],
      edgeOrder: 2,
    }),
  ],
  trapezoid: [call(v.any(2, 3)), call(v.any(2, 3), v.any(3)), call(v.any(3, 2), { dx: 0.5, dim: 0 })],
  trapz: [call(v.any(2, 3)), call(v.any(2, 3), v.any(2, 3))],
  cumulativeTrapezoid: [call(v.any(2, 3)), call(v.any(2, 3), v.any(3)), call(v.any(3, 2), { dx: 0.5, dim: 0 })],
  renorm: [call(v.any(2, 3), 2, 0, 1), call(v.any(2, 3), 1, 1, 0.5), call(v.any(2, 3), 2, 0, 100)],
  sort: [call(v.any(2, 3)), call(v.any(3, 2), 0, true), call(v.any())],
  topk: [call(v.any(2, 4), 2), call(v.any(4, 2), 3, 0, false)],
  softmax: one().map(({ args: [x, dim] }) => call(x, typeof dim === "number" ? dim : -1)),
  logSoftmax: one().map(({ args: [x, dim] }) => call(x, typeof dim === "number" ? dim : -1)),
  softmin: [call(v.any(2, 3), 1), call(v.any(4), 0)],
  sumToSize: [call(v.any(2, 3), [1, 3]), call(v.any(2, 3), [3]), call(v.any(2, 3), [2, 1]), call(v.any(2, 3), [])],
};
