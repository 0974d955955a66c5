import { ArgumentError } from "@kindling/autograd";
import { copyOf, toSnake } from "../names.js";
import type { Optimizer } from "../optimizer.js";

/** The state of a scheduler under PyTorch's names. */
export type SchedulerStateDict = Record<string, unknown>;

/** Fields whose saved names are not those of their letters. */
const hidden: Readonly<Record<string, string>> = { lastLr: "_last_lr", stepCount: "_step_count", T0: "T_0" };

/** Fields that are no data. */
const left = new Set(["optimizer", "lrLambdas", "scaleFn"]);

/** All fields of a scheduler that are data, under PyTorch's names. */
export function packFields(scheduler: object): SchedulerStateDict {
  const saved: SchedulerStateDict = {};
  for (const [key, value] of Object.entries(scheduler)) {
    if (!left.has(key)) saved[hidden[key] ?? toSnake(key)] = copyOf(value);
  }
  return saved;
}

/** Takes over what `packFields` gave; names that the scheduler does not have are passed over. */
export function unpackFields(scheduler: object, saved: Readonly<SchedulerStateDict>): void {
  const fields = scheduler as Record<string, unknown>;
  for (const key of Object.keys(scheduler)) {
    const name = hidden[key] ?? toSnake(key);
    if (!left.has(key) && Object.hasOwn(saved, name)) fields[key] = copyOf(saved[name]);
  }
}

/** Refuses what has no groups of parameters. */
export function expectOptimizer(value: unknown): asserts value is Optimizer {
  if (Array.isArray((value as Optimizer | null)?.paramGroups)) return;
  throw new ArgumentError(`${typeof value === "object" ? value?.constructor.name : typeof value} is not an Optimizer`);
}
