import { autograd, type Tensor } from "@kindling/autograd";

/** The identity under a name, which counts how often its backward runs. */
export class Counter {
  readonly runs = new Map<string, number>();
  readonly #node: (x: Tensor, name: string) => Tensor;

  constructor() {
    const { runs } = this;
    class Counted extends autograd.Function {
      static override forward(ctx: autograd.FunctionContext, x: Tensor, name: string): Tensor {
        ctx.name = name;
        return x.clone();
      }
      static override backward(ctx: autograd.FunctionContext, g: Tensor): [Tensor, null] {
        runs.set(ctx.name, (runs.get(ctx.name) ?? 0) + 1);
        return [g, null];
      }
    }
    this.#node = Counted.apply;
  }

  through(name: string, x: Tensor): Tensor {
    return this.#node(x, name);
  }

  /** Names and counts since the last call. */
  take(): Record<string, number> {
    const out = Object.fromEntries([...this.runs].sort(([a], [b]) => (a < b ? -1 : 1)));
    this.runs.clear();
    return out;
  }
}
