import { profile, rand, scope, synchronize, type Tensor } from "kindling";

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];

/** Times work on device `webgpu`. */
export class Clock {
  readonly #side: number;
  readonly #filler: Tensor;

  /** `side` is that of the products that keep the device busy. */
  constructor(side: number) {
    this.#side = side;
    this.#filler = rand(side, side).to("webgpu");
  }

  /** Keeps the device busy for about `ms` (at 30 TF/s) behind what it has to do: idle ones lower their clocks. */
  busy(ms: number): void {
    const one = (2 * this.#side ** 3) / 30e9;
    for (let i = 0; i < Math.min(1000, ms / one); i++) this.#filler.matmul(this.#filler).dispose();
  }

  /** Milliseconds of the kernels of `work`, by the device's own clock: the median of five rounds. */
  async kernels(work: () => Tensor): Promise<number> {
    const round = async (times: number): Promise<number> => {
      this.busy(60);
      const { rows } = await profile(async () => {
        for (let i = 0; i < times; i++) work().dispose();
      });
      return rows.reduce((sum, row) => sum + row.time, 0) / times;
    };
    await round(1); // compiles
    this.busy(400);
    const one = await round(2);
    const times = Math.max(1, Math.min(50, Math.ceil(8 / Math.max(one, 1e-3))));
    const rounds: number[] = [];
    while (rounds.length < 5) rounds.push(await round(times));
    return median(rounds);
  }

  /** Milliseconds of a call by the wall's clock, when many are made before the device is waited for: the median of three rounds. */
  async calls(work: () => Tensor, least: number): Promise<number> {
    const round = async (times: number): Promise<number> => {
      const start = performance.now();
      for (let i = 0; i < times; i++) scope(() => void work());
      await synchronize();
      return (performance.now() - start) / times;
    };
    await round(1); // compiles
    await round(3);
    const times = Math.max(1, Math.ceil(least / (await round(3))));
    const rounds: number[] = [];
    while (rounds.length < 3) rounds.push(await round(times));
    return median(rounds);
  }
}
