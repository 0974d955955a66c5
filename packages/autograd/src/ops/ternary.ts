import { type DType, DTypeError, isFloat } from "@kindling/storage";
import { operator } from "../args.js";
import type { Derivative } from "../node.js";
import { record, recording, unrecorded } from "../record.js";
import { isTensor, type Tensor } from "../tensor.js";
import { lt } from "./compare.js";
import { promoted } from "./pair-table.js";
import { add, div, mul, neg, sub } from "./pointwise.js";
import { requireNumbers } from "./quotients.js";
import { expectTensor, nodeName, type TensorOrScalar, unsupported } from "./table.js";
import { where } from "./where.js";

/*
 * Functions of three arguments.
 */

/** `out = f(…)` of up to three tensors as one node, which saves those of them that its derivative reads. */
function recorded<A extends unknown[]>(
  derivative: Derivative,
  reads: readonly number[],
  f: (...args: A) => Tensor,
  ...args: A
): Tensor {
  const tensors = args.slice(0, 3).map((t) => (isTensor(t) ? t : null));
  const [a, b, c] = tensors;
  const out = unrecorded(f, ...args);
  if (recording(a as Tensor, b, c)) {
    const node = record(derivative, out, tensors);
    if (reads.length > 0) node.save(...tensors.map((t, i) => (reads.includes(i) ? t : null)));
    node.context = args[args.length - 1];
  }
  return out;
}

function requireDType(expected: Tensor, t: unknown, argument: string): void {
  if (isTensor(t) && t.dtype !== expected.dtype) {
    throw new DTypeError(`expected dtype ${expected.dtype} for \`${argument}\` but got dtype ${t.dtype}`, { argument });
  }
}

const LERP_NUMBER: Derivative = {
  name: nodeName("lerp"),
  backward(node, g) {
    const part = mul(g, node.context as number);
    return [sub(g, part), part, null];
  },
};
const LERP_TENSOR: Derivative = {
  name: nodeName("lerp", 1),
  backward(node, g) {
    const part = node.needs(0) || node.needs(1) ? mul(g, node.saved(2)) : g;
    return [
      node.needs(0) ? sub(g, part) : null,
      node.needs(1) ? part : null,
      node.needs(2) ? mul(g, sub(node.saved(1), node.saved(0))) : null,
    ];
  },
};

/** `a + w·(b − a)`, from the nearer end: so that weight 1 gives `b` to the digit. */
function between(a: Tensor, b: Tensor, w: TensorOrScalar): Tensor {
  const span = sub(b, a);
  if (isTensor(w)) return where(lt(w, 0.5), add(a, mul(span, w)), sub(b, mul(span, sub(1, w))));
  return Number(w) < 0.5 ? add(a, mul(span, w)) : sub(b, mul(span, 1 - Number(w)));
}

/** `start + weight · (end − start)`. */
export const lerp = operator<(self: Tensor, end: Tensor, weight: TensorOrScalar) => Tensor>(
  "lerp(self, end, weight)",
  (self: Tensor, end: Tensor, weight: TensorOrScalar) => {
    expectTensor(self, "lerp");
    expectTensor(end, "lerp", "end");
    requireDType(self, end, "end");
    requireDType(self, weight, "weight");
    if (!isFloat(self.dtype)) throw unsupported("lerp", self.dtype);
    return recorded(
      isTensor(weight) ? LERP_TENSOR : LERP_NUMBER,
      isTensor(weight) ? [0, 1, 2] : [],
      between,
      self,
      end,
      weight,
    );
  },
);

type Value = { value?: number };
type Third = (self: Tensor, tensor1: Tensor, tensor2: Tensor, options?: Value) => Tensor;

/** `value · x` in the dtype of the sum: among integers `value` loses its fraction. */
const scaled = (x: Tensor, value: number, dtype: DType): Tensor =>
  value === 1 ? x : mul(x, isFloat(dtype) ? value : Math.trunc(value));

const ADDCMUL: Derivative = {
  name: "AddcmulBackward0",
  backward(node, g) {
    const other = (i: number): Tensor => mul(scaled(g, node.context as number, g.dtype), node.saved(i));
    return [g, node.needs(1) ? other(2) : null, node.needs(2) ? other(1) : null];
  },
};

/** `self + value · tensor1 · tensor2`. */
export const addcmul = operator<Third>(
  "addcmul(self, tensor1, tensor2, *, value=1)",
  (self: Tensor, tensor1: Tensor, tensor2: Tensor, value: number) => {
    for (const [t, name] of [
      [self, "self"],
      [tensor1, "tensor1"],
      [tensor2, "tensor2"],
    ] as const) {
      expectTensor(t, "addcmul", name);
    }
    return recorded(
      ADDCMUL,
      [1, 2],
      (a, b, c, v) => {
        const product = mul(b, c);
        const dtype = requireNumbers("addcmul")(promoted(a, product));
        return add(a, scaled(product, v, dtype));
      },
      self,
      tensor1,
      tensor2,
      value,
    );
  },
);

const ADDCDIV: Derivative = {
  name: "AddcdivBackward0",
  backward(node, g) {
    const [above, below] = [node.saved(1), node.saved(2)];
    const part = node.needs(1) || node.needs(2) ? div(mul(g, node.context as number), below) : g;
    return [g, node.needs(1) ? part : null, node.needs(2) ? neg(mul(part, div(above, below))) : null];
  },
};

/** `self + value · tensor1 / tensor2`. */
export const addcdiv = operator<Third>(
  "addcdiv(self, tensor1, tensor2, *, value=1)",
  (self: Tensor, tensor1: Tensor, tensor2: Tensor, value: number) => {
    if (!isFloat(promoted(tensor1, tensor2))) {
      throw new DTypeError(
        "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true division of tensor1 and tensor2.",
        { tensor1: tensor1.dtype, tensor2: tensor2.dtype },
      );
    }
    return recorded(ADDCDIV, [1, 2], (a, b, c, v) => add(a, mul(div(b, c), v)), self, tensor1, tensor2, value);
  },
);
