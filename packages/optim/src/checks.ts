import { ArgumentError } from "@kindling/autograd";

/** Refuses what is no number or is negative: "Invalid learning rate: -1". */
export function atLeastZero(what: string, value: unknown): void {
  if (!(typeof value === "number" && value >= 0)) throw new ArgumentError(`Invalid ${what}: ${value}`, { value });
}

/** Refuses decay rates outside [0, 1). */
export function checkBetas(betas: readonly number[]): void {
  for (const i of [0, 1]) {
    const beta = betas[i];
    if (!(beta >= 0 && beta < 1)) throw new ArgumentError(`Invalid beta parameter at index ${i}: ${beta}`, { betas });
  }
}
