import {
  ArgumentError,
  bind,
  DTypeError,
  noGrad,
  ShapeError,
  type Signature,
  signature,
  type Tensor,
} from "@kindling/autograd";
import type { Collectives, Request } from "./mpi.js";
import { world } from "./process-group.js";
import { combinationOf, type ReduceOp } from "./reduce-op.js";
import { type Region, regionOf } from "./region.js";
import { Work } from "./work.js";

/*
 * Every rank calls the same operations in the same order, with tensors of the same dtypes and sizes: MPI does not check that.
 */

/** `asyncOp: true` starts an operation, and returns a `Work` to wait for. */
export interface AsyncOptions {
  asyncOp?: boolean;
}

/** What an operation returns: nothing when it is done, a `Work` where it was only started. */
type Outcome<O> = O extends { asyncOp: true } ? Work : O extends { asyncOp: boolean } ? Work | undefined : undefined;

/** Runs or starts a collective, and does the rest when MPI is done. */
function run(asyncOp: boolean, call: <R>(collectives: Collectives<R>) => R, finish: () => void): Work | undefined {
  const mpi = world();
  if (asyncOp) return new Work(call<Request>(mpi.later), finish);
  call(mpi.now);
  finish();
  return undefined;
}

const bound = <T extends readonly unknown[]>(sig: Signature, args: readonly unknown[]): T =>
  bind(sig, args) as unknown as T;

const average = (op: ReduceOp, { tensor }: Region): void => {
  if (op === "avg") noGrad(() => tensor.div_(world().size));
};

const barrierSignature = signature("barrier(*, asyncOp=false)");

/** Waits until every rank has come here. */
export function barrier<O extends AsyncOptions>(options?: O): Outcome<O> {
  const [asyncOp] = bound<[boolean]>(barrierSignature, [options]);
  return run(
    asyncOp,
    (c) => c.barrier(),
    () => {},
  ) as Outcome<O>;
}

const broadcastSignature = signature("broadcast(tensor, src, *, asyncOp=false)");

/** Gives all ranks the elements that `tensor` has on rank `src`. */
export function broadcast<O extends AsyncOptions>(tensor: Tensor, src: number, options?: O): Outcome<O> {
  const [t, root, asyncOp] = bound<[Tensor, number, boolean]>(broadcastSignature, [tensor, src, options]);
  const { size } = world();
  if (!(Number.isInteger(root) && root >= 0 && root < size)) {
    throw new ArgumentError(`[broadcast] src must be a rank from 0 to ${size - 1}, but got ${root}`, {
      src: root,
      size,
    });
  }
  const region = regionOf("broadcast", t, false);
  return run(asyncOp, (c) => c.broadcast(region.memory, region.count, region.type, root), region.written) as Outcome<O>;
}

const allReduceSignature = signature('allReduce(tensor, op="sum", *, asyncOp=false)');

/** Combines the tensors of all ranks, element by element; each gets the result in its tensor. */
export function allReduce<O extends AsyncOptions>(tensor: Tensor, op?: ReduceOp, options?: O): Outcome<O>;
export function allReduce<O extends AsyncOptions & { op?: ReduceOp }>(tensor: Tensor, options: O): Outcome<O>;
export function allReduce(...args: unknown[]): Work | undefined {
  const [tensor, op, asyncOp] = bound<[Tensor, ReduceOp, boolean]>(allReduceSignature, args);
  const how = combinationOf("allReduce", op, tensor.dtype);
  const region = regionOf("allReduce", tensor, true);
  return run(
    asyncOp,
    (c) => c.allReduce(region.memory, region.count, region.type, how),
    () => {
      average(op, region);
      region.written();
    },
  );
}

const allGatherIntoSignature = signature("allGatherIntoTensor(outputTensor, inputTensor, *, asyncOp=false)");

/** Gathers the tensors of all ranks, one behind the other, into `outputTensor` of `size` times as many elements. */
export function allGatherIntoTensor<O extends AsyncOptions>(
  outputTensor: Tensor,
  inputTensor: Tensor,
  options?: O,
): Outcome<O> {
  const name = "allGatherIntoTensor";
  const [output, input, asyncOp] = bound<[Tensor, Tensor, boolean]>(allGatherIntoSignature, [
    outputTensor,
    inputTensor,
    options,
  ]);
  expectParts(name, output, input);
  const [from, to] = [regionOf(name, input, false), regionOf(name, output, false)];
  return run(asyncOp, (c) => c.allGather(from.memory, to.memory, from.count, from.type), to.written) as Outcome<O>;
}

const allGatherSignature = signature("allGather(tensorList, tensor, *, asyncOp=false)");

/** Gathers the tensors of all ranks: `tensorList[r]` becomes that of rank `r`. */
export function allGather<O extends AsyncOptions>(
  tensorList: readonly Tensor[],
  tensor: Tensor,
  options?: O,
): Outcome<O> {
  const name = "allGather";
  const [list, input, asyncOp] = bound<[readonly Tensor[], Tensor, boolean]>(allGatherSignature, [
    tensorList,
    tensor,
    options,
  ]);
  expectList(name, list, input);
  const all = input.newEmpty([list.length, input.numel()]);
  const [from, to] = [regionOf(name, input, false), regionOf(name, all, false)];
  return run(
    asyncOp,
    (c) => c.allGather(from.memory, to.memory, from.count, from.type),
    () => {
      to.written();
      noGrad(() => list.forEach((t, rank) => void t.detach().copy_(all.select(0, rank).view(input.shape))));
    },
  ) as Outcome<O>;
}

const reduceScatterTensorSignature = signature('reduceScatterTensor(output, input, op="sum", *, asyncOp=false)');

/** Combines the tensors `input` of all ranks; rank `r` gets the `r`-th part of the result in `output`, of `1 / size` as many elements. */
export function reduceScatterTensor<O extends AsyncOptions>(
  output: Tensor,
  input: Tensor,
  op?: ReduceOp,
  options?: O,
): Outcome<O>;
export function reduceScatterTensor<O extends AsyncOptions & { op?: ReduceOp }>(
  output: Tensor,
  input: Tensor,
  options: O,
): Outcome<O>;
export function reduceScatterTensor(...args: unknown[]): Work | undefined {
  const [output, input, op, asyncOp] = bound<[Tensor, Tensor, ReduceOp, boolean]>(reduceScatterTensorSignature, args);
  expectParts("reduceScatterTensor", input, output);
  return scattered("reduceScatterTensor", output, input, op, asyncOp);
}

const reduceScatterSignature = signature('reduceScatter(output, inputList, op="sum", *, asyncOp=false)');

/** Combines the `r`-th tensors of all ranks' lists; rank `r` gets the result in `output`. */
export function reduceScatter<O extends AsyncOptions>(
  output: Tensor,
  inputList: readonly Tensor[],
  op?: ReduceOp,
  options?: O,
): Outcome<O>;
export function reduceScatter<O extends AsyncOptions & { op?: ReduceOp }>(
  output: Tensor,
  inputList: readonly Tensor[],
  options: O,
): Outcome<O>;
export function reduceScatter(...args: unknown[]): Work | undefined {
  const [output, list, op, asyncOp] = bound<[Tensor, readonly Tensor[], ReduceOp, boolean]>(
    reduceScatterSignature,
    args,
  );
  expectList("reduceScatter", list, output);
  const all = output.newEmpty([list.length, output.numel()]);
  noGrad(() => list.forEach((t, rank) => void all.select(0, rank).copy_(t.detach().reshape(-1))));
  return scattered("reduceScatter", output, all, op, asyncOp);
}

function scattered(name: string, output: Tensor, input: Tensor, op: ReduceOp, asyncOp: boolean): Work | undefined {
  const how = combinationOf(name, op, output.dtype);
  const [from, to] = [regionOf(name, input, true), regionOf(name, output, true)];
  return run(
    asyncOp,
    (c) => c.reduceScatter(from.memory, to.memory, to.count, to.type, how),
    () => {
      average(op, to);
      to.written();
    },
  );
}

/** @throws ShapeError unless `whole` has as many elements as all ranks' `part`s together, of the same dtype */
function expectParts(name: string, whole: Tensor, part: Tensor): void {
  const { size } = world();
  if (whole.numel() !== size * part.numel()) {
    throw new ShapeError(
      `[${name}] ${size} ranks with ${part.numel()} elements each need ${size * part.numel()}, but got ${whole.numel()}`,
      { size, part: part.shape, whole: whole.shape },
    );
  }
  expectDtype(name, whole, part);
}

/** @throws ShapeError unless there is a tensor like `one` for each rank */
function expectList(name: string, list: readonly Tensor[], one: Tensor): void {
  const { size } = world();
  if (list.length !== size) {
    throw new ShapeError(`[${name}] ${size} ranks need a list of ${size} tensors, but got ${list.length}`, { size });
  }
  for (const t of list) {
    if (t.numel() !== one.numel()) {
      throw new ShapeError(`[${name}] all tensors need ${one.numel()} elements, but one has ${t.numel()}`, {
        expected: one.shape,
        got: t.shape,
      });
    }
    expectDtype(name, t, one);
  }
}

function expectDtype(name: string, a: Tensor, b: Tensor): void {
  if (a.dtype !== b.dtype) {
    throw new DTypeError(`[${name}] tensors must have one dtype, but got ${a.dtype} and ${b.dtype}`, {
      dtypes: [a.dtype, b.dtype],
    });
  }
}
