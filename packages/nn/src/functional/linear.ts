import { linear as linearOf, operator, ShapeError, type Tensor } from "@kindling/autograd";
import type { Cut } from "../args.js";

type BiasArgs = Cut<[bias: Tensor | null], { bias?: Tensor | null }>;

/** `input · weightᵀ + bias`: input (…, in), weight (out, in), bias (out) or `null`. The result is (…, out). */
export const linear = operator<(input: Tensor, weight: Tensor, ...args: BiasArgs) => Tensor>(
  "linear(input, weight, bias=null)",
  linearOf,
);

/**
 * `y_o = x₁ᵀ · W_o · x₂ + b_o`: input1 (…, in1), input2 (…, in2), weight (out, in1, in2), bias (out) or `null`. The result is
 * (…, out).
 */
export const bilinear = operator<(input1: Tensor, input2: Tensor, weight: Tensor, ...args: BiasArgs) => Tensor>(
  "bilinear(input1, input2, weight, bias=null)",
  (input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | null) => {
    const [out, in1, in2] = weight.shape;
    const batch = input1.shape.slice(0, -1);
    if (batch.join() !== input2.shape.slice(0, -1).join()) {
      throw new ShapeError(
        `bilinear(): input batch dimensions do not match: got [${input1.shape.join(", ")}] and [${input2.shape.join(", ")}]`,
        { input1: input1.shape, input2: input2.shape },
      );
    }
    for (const [name, input, size] of [["input1", input1, in1] as const, ["input2", input2, in2] as const]) {
      const got = input.shape[input.ndim - 1];
      if (got !== size) {
        throw new ShapeError(`bilinear(): ${name} size does not match weight size: got ${got} but expected ${size}`, {
          [name]: input.shape,
          weight: weight.shape,
        });
      }
    }
    const table = weight.permute(1, 0, 2).reshape(in1, out * in2);
    const left = input1.matmul(table).reshape(...batch, out, in2);
    const product = left.mul(input2.unsqueeze(-2)).sum(-1, { dtype: input1.dtype });
    return bias === null ? product : product.add(bias);
  },
);
