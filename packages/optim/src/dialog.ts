import { isTensor, noGrad } from "@kindling/autograd";

/*
 * An algorithm that calls a closure and reads numbers, written once for closures that answer at once and for those that
 * promise to: a generator that asks, and two who answer.
 */

/** To call the closure, or to read tensors of one element. */
type Question = "evaluate" | readonly unknown[];

/** A part of the algorithm, with its result. */
export type Dialog<R> = Generator<Question, R, unknown>;

/** The result of the closure, called anew. */
export function* evaluate(): Dialog<unknown> {
  return yield "evaluate";
}

/** Numbers, or tensors of one element, as numbers. */
export function* read(...values: unknown[]): Dialog<number[]> {
  return (yield values) as number[];
}

type Closure = () => unknown;
const readNow = (value: unknown): number => Number(isTensor(value) ? value.item() : value);
const readLater = async (value: unknown): Promise<number> => readNow(isTensor(value) ? await value.cpu() : value);

/** Answers at once. The algorithm runs without recording, the closure with it. */
export function ask(dialog: Dialog<void>, closure: Closure): void {
  for (let turn = next(dialog); !turn.done; ) {
    const answer = turn.value === "evaluate" ? closure() : turn.value.map(readNow);
    turn = next(dialog, answer);
  }
}

/** Answers when the closure and the device do. */
export async function hold(dialog: Dialog<void>, closure: Closure): Promise<void> {
  for (let turn = next(dialog); !turn.done; ) {
    const answer = await (turn.value === "evaluate" ? closure() : Promise.all(turn.value.map(readLater)));
    turn = next(dialog, answer);
  }
}

const next = (dialog: Dialog<void>, answer?: unknown): IteratorResult<Question, void> =>
  noGrad(() => dialog.next(answer));
