import { expectTypeOf, it } from "vitest";
import {
  type add,
  autograd,
  cat,
  type DType,
  empty,
  full,
  max,
  noGrad,
  ones,
  type Profile,
  profile,
  rand,
  sort,
  split,
  type sum,
  type Tensor,
  tensor,
  topk,
  type variance,
  zeros,
} from "../src/index.js";

/*
 * What the editor knows. Wrong calls carry `@ts-expect-error`, which the type check refuses where the call is fine after all. The
 * bodies never run.
 */

const types = (name: string, body: () => void): void => {
  it(name, () => expectTypeOf(body).toBeFunction());
};
const x = ones(2, 3);

types("several results are tuples, by name", () => {
  expectTypeOf(x.max(1)).toEqualTypeOf<[values: Tensor, indices: Tensor]>();
  expectTypeOf(x.max({ dim: 1, keepdim: true })).toEqualTypeOf<[values: Tensor, indices: Tensor]>();
  expectTypeOf(x.max()).toEqualTypeOf<Tensor>();
  expectTypeOf(x.max(x)).toEqualTypeOf<Tensor>();
  expectTypeOf(max(x, 1)).toEqualTypeOf<[values: Tensor, indices: Tensor]>();
  expectTypeOf(x.sort()).toEqualTypeOf<[values: Tensor, indices: Tensor]>();
  expectTypeOf(sort(x)).toEqualTypeOf<[values: Tensor, indices: Tensor]>();
  expectTypeOf(topk(x, 2)).toEqualTypeOf<[values: Tensor, indices: Tensor]>();
  expectTypeOf(split(x, 2)).toEqualTypeOf<Tensor[]>();
  expectTypeOf(x.unbind()).toEqualTypeOf<Tensor[]>();
});

types("methods take what the functions take", () => {
  expectTypeOf(x.add).parameters.toEqualTypeOf<[other: Tail<typeof add>[0], options?: Tail<typeof add>[1]]>();
  expectTypeOf(x.sum).parameters.toEqualTypeOf<Tail<typeof sum>>();
  expectTypeOf(x.topk).parameters.toEqualTypeOf<Tail<typeof topk>>();
  expectTypeOf(x.var).parameters.toEqualTypeOf<Tail<typeof variance>>();
  expectTypeOf(x.exp).toEqualTypeOf<() => Tensor>(); // one signature, not three equal ones
});
type Tail<F> = F extends (self: never, ...rest: infer R) => unknown ? R : never;

types("sizes are spread or an array, options last", () => {
  expectTypeOf(zeros(2, 3, { dtype: "float64" })).toEqualTypeOf<Tensor>();
  expectTypeOf(rand([2, 3], { requiresGrad: true, device: "cpu" })).toEqualTypeOf<Tensor>();
  expectTypeOf(x.reshape(3, -1)).toEqualTypeOf<Tensor>();
  expectTypeOf(x.reshape([3, 2])).toEqualTypeOf<Tensor>();
});

types("dtypes are the names that exist", () => {
  expectTypeOf(x.dtype).toEqualTypeOf<DType>();
  expectTypeOf(x.to("float64")).toEqualTypeOf<Tensor>();
  expectTypeOf(x.to("webgpu", { dtype: "float16" })).toEqualTypeOf<Tensor>();
  // @ts-expect-error no such dtype
  zeros(2, { dtype: "float" });
  // @ts-expect-error no such dtype
  x.sum({ dtype: "double" });
  // @ts-expect-error no such dtype
  x.to({ dtype: "long" });
});

types("unknown options are errors", () => {
  // @ts-expect-error camelCase
  zeros(2, { requires_grad: true });
  // @ts-expect-error PyTorch's name is keepdim
  x.sum(1, { keepDim: true });
  // @ts-expect-error no such option
  x.add(1, { beta: 2 });
  // @ts-expect-error true or false
  x.sum(1, "yes");
});

types("arguments are tensors, numbers or lists where they are that", () => {
  // @ts-expect-error a list of tensors
  cat(x, x);
  // @ts-expect-error not a tensor
  x.matmul([[1, 2]]);
  // @ts-expect-error nothing to fill with
  full([2]);
  expectTypeOf(
    tensor([
      [1, 2],
      [3, 4],
    ]),
  ).toEqualTypeOf<Tensor>();
  expectTypeOf(tensor(new Float32Array(2))).toEqualTypeOf<Tensor>();
});

types("properties", () => {
  expectTypeOf(x.shape).toEqualTypeOf<readonly number[]>();
  expectTypeOf(x.size()).toEqualTypeOf<readonly number[]>();
  expectTypeOf(x.size(0)).toEqualTypeOf<number>();
  expectTypeOf(x.grad).toEqualTypeOf<Tensor | null>();
  expectTypeOf(x.item()).toEqualTypeOf<number>();
  expectTypeOf(x.requiresGrad_()).toExtend<Tensor>();
  // @ts-expect-error read-only
  x.shape = [6];
  // @ts-expect-error read-only
  x.shape[0] = 6;
  // @ts-expect-error read-only
  x.dtype = "int32";
});

types("indices", () => {
  expectTypeOf(x.at(0, "1:3", null, "...", [0, 2], x.gt(0))).toEqualTypeOf<Tensor>();
  x.setAt([":", 0], [1, 2]);
  x.setAt(0, 1, { accumulate: true });
  // @ts-expect-error an object is no index
  x.at({});
});

types("functions pass results through", () => {
  expectTypeOf(noGrad(() => 3)).toEqualTypeOf<number>();
  expectTypeOf(profile(() => 3)).toEqualTypeOf<Profile<number>>();
  expectTypeOf(profile(async () => 3)).toEqualTypeOf<Promise<Profile<number>>>();
  expectTypeOf(autograd.grad(x, [x], { allowUnused: true })[0]).toEqualTypeOf<Tensor | null>();
  x.backward(x, { retainGraph: true });
  x.backward({ createGraph: true });
  // @ts-expect-error camelCase
  x.backward({ retain_graph: true });
  expectTypeOf(empty(2).normal_({ mean: 1, std: 2 })).toEqualTypeOf<Tensor>();
});
