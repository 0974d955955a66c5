import { readFileSync } from "node:fs";
import { type DType, type Tensor, tensor } from "@kindling/autograd";
import { expect } from "vitest";
import * as optim from "../src/index.js";

type Options = Record<string, unknown>;

/** See fixtures/make_optim.py. */
export interface Fixture {
  shapes: number[][];
  params: number[][];
  grads: (number[] | null)[][];
  trajectories: [name: string, options: Options, dtype: DType, groups: Options[] | null, rows: number[][]][];
  checkpoints: {
    name: string;
    params: number[];
    state: Record<string, Options>;
    param_groups: Options[];
    rows: number[][];
  }[];
  lbfgs: [name: string, options: Options, steps: [loss: number, x: number[], calls: number][]][];
  saved: number;
  schedules: [
    name: string,
    options: Options,
    rates: number[][],
    metrics: number[] | null,
    state: Options,
    momenta: number[][] | null,
  ][];
  chained: number[][];
  matrices: {
    shapes: number[][];
    params: number[][];
    grads: number[][][];
    trajectories: [name: string, options: Options, rows: number[][]][];
  };
  combined: [name: string, rates: number[][]][];
  visited: number[];
  closed: [name: string, options: Options, rates: number[][]][];
  fractions: number[];
  restarts: number[][];
  swalr: [options: Options, rates: number[][]][];
}

export const fixture: Fixture = JSON.parse(readFileSync(new URL("fixtures/optim.json", import.meta.url), "utf8"));

type Make = new (params: unknown, options?: unknown) => optim.Optimizer;
export const optimizers = optim as unknown as Record<string, Make>;

export const newTensor = (values: readonly number[], shape: readonly number[], dtype: DType): Tensor =>
  tensor(values, { dtype }).reshape(shape).clone();

/** The two parameters of the fixture, or others of their shapes that stand in one row. */
export function parameters(dtype: DType, row = fixture.params.flat()): Tensor[] {
  let start = 0;
  return fixture.shapes.map((shape) => {
    const n = shape.reduce((a, b) => a * b, 1);
    start += n;
    return newTensor(row.slice(start - n, start), shape, dtype).requiresGrad_();
  });
}

export const flat = (tensors: readonly Tensor[]): number[] =>
  tensors.flatMap((t) => Array.from(t.detach().toTypedArray(), Number));

/** Steps with the fixture's gradients from step `from` on; the parameters after each. */
export function trajectory(
  optimizer: optim.Optimizer,
  params: readonly Tensor[],
  from = 0,
  end = Number.POSITIVE_INFINITY,
): number[][] {
  return fixture.grads.slice(from, end).map((grads) => {
    params.forEach((p, i) => {
      const g = grads[i];
      p.grad = g === null ? null : newTensor(g, p.shape, p.dtype);
    });
    optimizer.step();
    return flat(params);
  });
}

export function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((x, i) => {
    expect(Math.abs(x - expected[i]), `${x} is not ${expected[i]}`).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(expected[i])),
    );
  });
}
