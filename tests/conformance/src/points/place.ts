import { type DType, type NestedArray, type Tensor, tensor } from "@kindling/autograd";
import { expect } from "vitest";

/** Where a point runs: a device and a dtype. Values are read as a device without synchronous reads lets them be read. */
export class Place {
  readonly device: string;
  readonly dtype: DType;

  constructor(device: string, dtype: DType) {
    this.device = device;
    this.dtype = dtype;
  }

  /** Options for creation functions. */
  get options(): { device: string; dtype: DType } {
    return { device: this.device, dtype: this.dtype };
  }

  tensor(data: NestedArray): Tensor {
    return tensor(data, this.options);
  }

  /** A leaf that requires a gradient. */
  leaf(data: NestedArray): Tensor {
    return tensor(data, { ...this.options, requiresGrad: true });
  }

  /** The elements in row-major order. */
  async read(t: Tensor | null | undefined): Promise<number[]> {
    expect(t).toBeTruthy();
    const host = await (t as Tensor).detach().cpu();
    return Array.from(host.toTypedArray(), Number);
  }

  /** Expects the elements of `t` to be `wanted`, up to the rounding of the dtype. */
  async close(t: Tensor | null | undefined, wanted: Nested, loose = 1): Promise<void> {
    const values = await this.read(t);
    const flat = ([wanted].flat(16) as number[]).map(Number);
    expect(values).toHaveLength(flat.length);
    const relative = (this.dtype === "float64" ? 1e-8 : 2e-5) * loose;
    const wrong = values.some(
      (x, i) => !(x === flat[i] || Math.abs(x - flat[i]) <= relative * (0.1 + Math.abs(flat[i]))),
    );
    if (wrong) expect(values).toEqual(flat); // shows both
  }

  /** Expects two tensors to hold the same. */
  async same(a: Tensor | null | undefined, b: Tensor | null | undefined, loose = 1): Promise<void> {
    await this.close(a, await this.read(b), loose);
  }
}

export type Nested = number | readonly Nested[];

/** One thing that must hold. */
export type Body = (at: Place) => void | Promise<void>;

/** A point: what must hold, by name. */
export type Point = Record<string, Body>;

/** Calls `fn`, and gives the error that it throws. */
export function thrown(fn: () => unknown): Error {
  try {
    fn();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

export const SECOND_TIME =
  "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retainGraph: true if you need to backward through the graph a second time or if you need to access saved tensors after calling backward.";
