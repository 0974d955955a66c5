import { describe, expect, it } from "vitest";
import {
  AutogradError,
  arange,
  cat,
  DTypeError,
  IndexError,
  KindlingError,
  mm,
  ones,
  ShapeError,
  stack,
  type Tensor,
  tensor,
  zeros,
} from "../src/index.js";

const a = ones(2, 3);
const mask = (...values: boolean[]): Tensor => tensor(values);

/** What is done, the kind of error, PyTorch's text in this library's names, and facts that the error carries. */
const cases: [call: () => unknown, kind: typeof KindlingError, text: string, facts?: object][] = [
  [
    () => ones(2).add(ones(3)),
    ShapeError,
    "The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0",
    { a: [2], b: [3], dim: 0 },
  ],
  [
    () => a.matmul(ones(4, 5)),
    ShapeError,
    "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)",
    { mat1: [2, 3], mat2: [4, 5] },
  ],
  [() => ones(2, 3).size(2), IndexError, "Dimension out of range (expected to be in range of [-2, 1], but got 2)"],
  [() => tensor(1).stride(0), IndexError, "Dimension specified as 0 but tensor has no dimensions"],
  [
    () => ones(2).mT,
    ShapeError,
    "tensor.mT is only supported on matrices or batches of matrices. Got 1-D tensor.",
    { shape: [2] },
  ],
  [() => mm(a, ones(3)), ShapeError, "mat2 must be a matrix, got 1-D tensor"],
  [
    () => ones(3, 4, 5).bmm(ones(5, 9, 2)),
    ShapeError,
    "Expected size for first two dimensions of batch2 tensor to be: [3, 5] but got: [5, 9].",
  ],
  [
    () => a.t().view(-1),
    ShapeError,
    "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.",
    { shape: [3, 2], strides: [1, 3] },
  ],
  [() => ones(12).view(5, 3), ShapeError, "shape '[5, 3]' is invalid for input of size 12"],
  [() => a.reshape(-1, -1), ShapeError, "only one dimension can be inferred"],
  [
    () => a.sum(2),
    IndexError,
    "Dimension out of range (expected to be in range of [-2, 1], but got 2)",
    { dim: 2, ndim: 2 },
  ],
  [() => a.squeeze(5), IndexError, "Dimension out of range (expected to be in range of [-2, 1], but got 5)"],
  [() => a.sum([0, 0]), KindlingError, "dim 0 appears multiple times in the list of dims"],
  [
    () => ones(3).at(5),
    IndexError,
    "index 5 is out of bounds for dimension 0 with size 3",
    { index: 5, dim: 0, size: 3 },
  ],
  [() => ones(3).at([0, 5]), IndexError, "index 5 is out of bounds for dimension 0 with size 3"],
  [() => a.at(0, 0, 0), IndexError, "too many indices for tensor of dimension 2"],
  [
    () => a.at(mask(true, false, true)),
    IndexError,
    "The shape of the mask [3] at index 0 does not match the shape of the indexed tensor [2, 3] at index 0",
  ],
  [() => ones(3).select(0, 7), IndexError, "select(): index 7 out of range for tensor of size [3] at dimension 0"],
  [() => ones(3).narrow(0, 2, 4), ShapeError, "start (2) + length (4) exceeds dimension size (3)."],
  [() => ones(3).item(), KindlingError, "a Tensor with 3 elements cannot be converted to Scalar", { numel: 3 }],
  [
    () => ones(2, 2, 2).add_(ones(3, 3)),
    ShapeError,
    "The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 2",
  ],
  [
    () => ones(3, 3).expand(2, 2),
    ShapeError,
    "The expanded size of the tensor (2) must match the existing size (3) at non-singleton dimension 1.  Target sizes: [2, 2].  Tensor sizes: [3, 3]",
  ],
  [() => ones(3).add_(a), ShapeError, "output with shape [3] doesn't match the broadcast shape [2, 3]"],
  [
    () => ones(3).to("int64").add_(0.5),
    DTypeError,
    "result type Float can't be cast to the desired output type Long",
    { from: "float32", to: "int64" },
  ],
  [
    () => ones(1).expand(3).add_(1),
    ShapeError,
    "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.",
  ],
  [
    () => cat([a, ones(2, 2)]),
    ShapeError,
    "Sizes of tensors must match except in dimension 0. Expected size 3 but got size 2 for tensor number 1 in the list.",
  ],
  [
    () => stack([ones(2), ones(3)]),
    ShapeError,
    "stack expects each tensor to be equal size, but got [2] at entry 0 and [3] at entry 1",
  ],
  [
    () => zeros(3).expand(2, 3, -1, -1),
    ShapeError,
    "The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension 2",
  ],
  [
    () => a.expand(3, 3),
    ShapeError,
    "The expanded size of the tensor (3) must match the existing size (2) at non-singleton dimension 0.  Target sizes: [3, 3].  Tensor sizes: [2, 3]",
  ],
  [
    () => zeros(0).max(),
    IndexError,
    "max(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.",
  ],
  [
    () => ones(2).to("int64").mean(),
    DTypeError,
    "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: Long",
  ],
  [() => ones(3).topk(5), IndexError, "selected index k out of range", { k: 5, size: 3 }],
  [() => a.dot(ones(3)), ShapeError, "1D tensors expected, but got 2D and 1D tensors"],
  [
    () => ones(3).dot(ones(4)),
    ShapeError,
    "inconsistent tensor size, expected tensor [3] and src [4] to have the same number of elements, but got 3 and 4 elements respectively",
  ],
  [() => tensor([[1, 2], [3]]), ShapeError, "expected sequence of length 2 at dim 1 (got 1)"],
  [() => zeros(-1), ShapeError, "Trying to create tensor with negative dimension -1: [-1]"],
  [
    () => mask(true).sub(mask(true)),
    DTypeError,
    "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logicalXor()` operator instead.",
  ],
  [
    () => ones(4).split([1, 2]),
    ShapeError,
    "splitWithSizes expects splitSizes to sum exactly to 4 (input tensor's size at dimension 0), but got splitSizes=[1, 2]",
  ],
  [() => arange(3, 1), KindlingError, "upper bound and larger bound inconsistent with step sign"],
  [
    () => tensor([1, 2], { dtype: "int32", requiresGrad: true }),
    DTypeError,
    "Only Tensors of floating point dtype can require gradients",
  ],
  [
    () => tensor([1, 2], { dtype: "int32" }).requiresGrad_(),
    DTypeError,
    "only Tensors of floating point dtype can require gradients",
  ],
  [
    () => ones(2, { requiresGrad: true }).mul(2).backward(),
    AutogradError,
    "grad can be implicitly created only for scalar outputs",
    { shape: [2] },
  ],
];

describe("errors", () => {
  it.each(cases.map((c) => [c[2].slice(0, 70), ...c] as const))("%s", (_, call, kind, text, facts) => {
    let error: unknown;
    try {
      call();
    } catch (e) {
      error = e;
    }
    expect(error).toBeInstanceOf(kind);
    expect((error as Error).message).toBe(text);
    expect((error as Error).name).toBe(kind === KindlingError ? (error as Error).name : kind.name);
    if (facts) expect(error).toMatchObject(facts);
  });

  it("are Errors with a name of their own kind", () => {
    expect(() => ones(2).add(ones(3))).toThrow(Error);
    expect(String(new ShapeError("text"))).toBe("ShapeError: text");
    expect(new ShapeError("text") instanceof KindlingError).toBe(true);
  });
});
