import { ArgumentError, DTypeError, dtypeInfo, isFloat, ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import { norm, vectorNorm } from "../linalg/norm.js";
import type { Derivative } from "../node.js";
import { record, recording } from "../record.js";
import type { Tensor } from "../tensor.js";
import { eq } from "./compare.js";
import { matmul } from "./matmul.js";
import { add, div, mul, sqrt, sub } from "./pointwise.js";
import { sum } from "./reduction.js";
import { expectTensor } from "./table.js";
import { transpose, unsqueeze } from "./views.js";
import { clampMin, where } from "./where.js";

/*
 * Distances between points.
 */

/** The p-norm of `self − other`. */
export const dist = operator<(self: Tensor, other: Tensor, p?: number | { p?: number }) => Tensor>(
  "dist(self, other, p=2)",
  (self: Tensor, other: Tensor, p: number) => norm(sub(self, other), p),
);

const EUCLIDEAN: Derivative = {
  name: "CdistBackward0",
  backward(node, g) {
    const [a, b, distance] = [node.saved(0), node.saved(1), node.saved(2)];
    const same = eq(distance, 0);
    const ratio = where(same, 0, div(g, where(same, 1, distance)));
    const turned = transpose(ratio, -2, -1);
    return [
      node.needs(0) ? sub(mul(a, sum(ratio, -1, true)), matmul(ratio, b)) : null,
      node.needs(1) ? sub(mul(b, sum(turned, -1, true)), matmul(turned, a)) : null,
    ];
  },
};

const square = (x: Tensor): Tensor => sum(mul(x, x), -1);

/** Euclidean distances; with `products` from |a|² + |b|² − 2a·b, which is faster and less precise. */
function euclidean(x1: Tensor, x2: Tensor, products: boolean): Tensor {
  const [a, b] = [x1.detach(), x2.detach()];
  const squares = products
    ? sub(add(unsqueeze(square(a), -1), unsqueeze(square(b), -2)), mul(matmul(a, transpose(b, -2, -1)), 2))
    : square(sub(unsqueeze(a, -2), unsqueeze(b, -3)));
  const out = sqrt(products ? clampMin(squares, 0) : squares);
  if (recording(x1, x2)) record(EUCLIDEAN, out, [x1, x2]).save(x1, x2, out);
  return out;
}

const modes = [
  "use_mm_for_euclid_dist_if_necessary",
  "use_mm_for_euclid_dist",
  "donot_use_mm_for_euclid_dist",
] as const;
type Mode = (typeof modes)[number];
type Options = { p?: number; computeMode?: Mode };
type Cdist = (x1: Tensor, x2: Tensor, p?: number | Options, computeMode?: Mode | Options) => Tensor;

/**
 * The p-norm distances (…, P, R) between the points x1 (…, P, M) and x2 (…, R, M); batches broadcast. Between more than 25 points Euclidean distances come from a matrix product,
 * which is less precise for points that are close; `computeMode` chooses otherwise. The gradient at distance 0 is 0.
 */
export const cdist = operator<Cdist>(
  'cdist(x1, x2, p=2, computeMode="use_mm_for_euclid_dist_if_necessary")',
  (x1: Tensor, x2: Tensor, p: number, mode: Mode) => {
    for (const [name, x] of Object.entries({ X1: x1, X2: x2 })) {
      expectTensor(x, "cdist", name);
      if (x.ndim < 2) {
        throw new ShapeError(`cdist only supports at least 2D tensors, ${name} got: ${x.ndim}D`, { shape: x.shape });
      }
      if (!isFloat(x.dtype)) {
        throw new DTypeError(
          `cdist only supports floating-point dtypes, ${name} got: ${dtypeInfo[x.dtype].scalarName}`,
          {
            dtype: x.dtype,
          },
        );
      }
    }
    if (!modes.includes(mode)) throw new ArgumentError(`${mode} is not a valid value for computeMode`, { mode });
    const [m1, m2] = [x1.shape[x1.ndim - 1], x2.shape[x2.ndim - 1]];
    if (m1 !== m2) {
      throw new ShapeError(`X1 and X2 must have the same number of columns. X1: ${m1} X2: ${m2}`, {
        x1: x1.shape,
        x2: x2.shape,
      });
    }
    if (!(p >= 0)) throw new ArgumentError("cdist only supports non-negative p values", { p });
    if (p === 2) {
      const many = x1.shape[x1.ndim - 2] > 25 || x2.shape[x2.ndim - 2] > 25;
      return euclidean(x1, x2, mode === modes[1] || (mode === modes[0] && many));
    }
    const difference = sub(unsqueeze(x1, -2), unsqueeze(x2, -3));
    return m1 === 0 ? sum(difference, -1) : vectorNorm(difference, p, -1);
  },
);
