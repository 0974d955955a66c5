import { ones, tensor, zeros } from "@kindling/autograd";
import { Linear, Module } from "@kindling/nn";
import { afterAll, describe, expect, it } from "vitest";
import {
  allGather,
  allReduce,
  barrier,
  broadcast,
  DistributedDataParallel,
  destroyProcessGroup,
  getRank,
  getWorldSize,
  initProcessGroup,
  isInitialized,
  ReduceOp,
  reduceScatterTensor,
} from "../src/index.js";

/* A world of one: no mpirun started the tests. Worlds of more are in tests/distributed. */

afterAll(() => destroyProcessGroup());

describe("a process group", () => {
  it("is joined once, before all else", () => {
    expect(isInitialized()).toBe(false);
    expect(() => getRank()).toThrow("Default process group has not been initialized");
    expect(() => allReduce(ones(2))).toThrow("Default process group has not been initialized");
    expect(() => initProcessGroup("nccl" as never)).toThrow('the only backend is "mpi", but got nccl');
    initProcessGroup("mpi");
    expect([getRank(), getWorldSize(), isInitialized()]).toEqual([0, 1, true]);
    expect(() => initProcessGroup()).toThrow("trying to initialize the default process group twice!");
    destroyProcessGroup();
    expect(isInitialized()).toBe(false);
    initProcessGroup();
  });
});

describe("collectives", () => {
  it("return a work where it is asked for", () => {
    expect(barrier()).toBeUndefined();
    const x = tensor([1, 2]);
    const work = allReduce(x, ReduceOp.AVG, { asyncOp: true });
    work.wait();
    work.wait();
    expect([x.tolist(), work.isCompleted()]).toEqual([[1, 2], true]);
  });

  it("refuse what makes no sense", () => {
    expect(() => broadcast(ones(2), 1)).toThrow("[broadcast] src must be a rank from 0 to 0, but got 1");
    expect(() => allReduce(ones(2), "mean" as never)).toThrow(
      "[allReduce] op must be one of ReduceOp's SUM, AVG, PRODUCT, MIN, MAX, but got mean",
    );
    expect(() => allReduce(ones(2, { dtype: "int32" }), ReduceOp.AVG)).toThrow(
      "[allReduce] ReduceOp.AVG needs a floating point dtype, but got int32",
    );
    expect(() => allGather([ones(2), ones(2)], ones(2))).toThrow(
      "[allGather] 1 ranks need a list of 1 tensors, but got 2",
    );
    expect(() => allGather([ones(3)], ones(2))).toThrow("[allGather] all tensors need 2 elements, but one has 3");
    expect(() => reduceScatterTensor(ones(2), ones(3))).toThrow(
      "[reduceScatterTensor] 1 ranks with 2 elements each need 2, but got 3",
    );
    expect(() => reduceScatterTensor(ones(2), ones(2, { dtype: "float64" }))).toThrow(
      "[reduceScatterTensor] tensors must have one dtype, but got float64 and float32",
    );
  });
});

describe("DistributedDataParallel", () => {
  it("is the module, in a world of one", () => {
    const net = new Linear(3, 2);
    const model = new DistributedDataParallel(net);
    expect(Object.keys(model.stateDict())).toEqual(["weight", "bias"]);
    expect(model.namedParameters().map(([name]) => name)).toEqual(["weight", "bias"]);
    expect(model.parameters()).toEqual(net.parameters());
    const x = ones(4, 3);
    model.forward(x).sum().backward();
    expect(net.weight.grad?.tolist()).toEqual([
      [4, 4, 4],
      [4, 4, 4],
    ]);
    model.loadStateDict({ weight: zeros(2, 3), bias: ones(2) });
    expect(model.forward(x).sum().item()).toBe(8);
  });

  it("refuses what it cannot train", () => {
    expect(() => new DistributedDataParallel(new Module())).toThrow(
      "DistributedDataParallel is not needed when a module doesn't have any parameters that require a gradient.",
    );
    expect(() => new DistributedDataParallel(new Linear(1, 1), { bucketCapMb: 0 })).toThrow(
      "bucketCapMb must be above 0",
    );
  });
});
