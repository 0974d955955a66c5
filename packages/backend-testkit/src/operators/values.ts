import { type Tensor, tensor } from "@kindling/autograd";

/** Numbers in (0, 1), all different and none near another: the golden ratio spreads them. */
const spread = (count: number, from: number): number[] =>
  Array.from({ length: count }, (_, i) => ((from + i) * 0.618033988749895 + 0.137) % 1);

function make(shape: readonly number[], from: number, place: (u: number) => number): Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  const flat = tensor(spread(count, from).map(place), { dtype: "float64" });
  return flat.reshape(shape).clone().requiresGrad_();
}

/** Leaves of float64, every call with other numbers. */
export class Values {
  #next = 0;

  #from(count: number): number {
    const from = this.#next;
    this.#next += count;
    return from;
  }

  #made(shape: readonly number[], place: (u: number) => number): Tensor {
    return make(shape, this.#from(shape.reduce((a, b) => a * b, 1)), place);
  }

  /** In (−2, 2), at least 0.08 away from 0 and from whole numbers. */
  any(...shape: number[]): Tensor {
    return this.#made(shape, (u) => {
      const k = Math.floor(u * 4);
      return k - 2 + 0.08 + 0.84 * (u * 4 - k);
    });
  }

  /** In (−0.9, 0.9). */
  small(...shape: number[]): Tensor {
    return this.#made(shape, (u) => 1.8 * u - 0.9);
  }

  /** In (0.05, 0.95). */
  fraction(...shape: number[]): Tensor {
    return this.#made(shape, (u) => 0.05 + 0.9 * u);
  }

  /** In (0.3, 1.8). */
  positive(...shape: number[]): Tensor {
    return this.#made(shape, (u) => 0.3 + 1.5 * u);
  }

  /** The same as `any`, in a layout with gaps, transposed. */
  gapped(...shape: number[]): Tensor {
    const turned = [...shape].reverse();
    const wide = this.any(...turned, 2).detach();
    const axes = shape.map((_, d) => shape.length - 1 - d);
    return wide
      .select(-1, 1)
      .permute(...axes)
      .requiresGrad_();
  }
}

/** An index tensor (int32). */
export const index = (data: number | readonly number[] | readonly (readonly number[])[]): Tensor =>
  tensor(data, { dtype: "int32" });
/** A mask. */
export const mask = (data: readonly boolean[] | readonly (readonly boolean[])[]): Tensor => tensor(data);
