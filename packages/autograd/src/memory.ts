import { ArgumentError, AutogradError, holds, type Storage, scoped, state } from "@kindling/storage";
import { isTensor, type Tensor } from "./tensor.js";

/** The tensors in a value: in arrays, plain objects and maps. */
function* tensorsIn(value: unknown, seen = new Set<unknown>()): Iterable<Tensor> {
  if (isTensor(value)) yield value;
  else if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value) && !seen.has(value)) {
    seen.add(value);
    const parts = value instanceof Map || value instanceof Set ? value.values() : Object.values(value);
    for (const part of parts) yield* tensorsIn(part, seen);
  }
}

/** What of a scope's result lives on. A result with a graph needs what its derivative reads: then everything does. */
function survivors(result: unknown): Storage[] | "all" {
  if (typeof (result as { then?: unknown } | null | undefined)?.then === "function") {
    throw new AutogradError(
      "scope(fn): fn returned a promise. The scope ends when fn returns; what runs after an `await` would find its tensors gone. " +
        "Await first, then call scope around the synchronous part.",
    );
  }
  const storages: Storage[] = [];
  for (const tensor of tensorsIn(result)) {
    if (tensor.gradFn !== null) return "all";
    storages.push(tensor.storage);
  }
  return storages;
}

/**
 * Runs `fn` and then gives back at once the memory of the tensors made in it, except those it returns (alone, in arrays, objects or maps),
 * gradients of tensors from outside, and what optimizers keep. Where a returned tensor has a graph everything lives. On `cpu`, whose memory
 * the garbage collector owns, `fn` just runs.
 *
 * ```ts
 * const loss = scope(() => {
 *   const loss = model.forward(x).sub(y).square().mean();
 *   loss.backward();
 *   optimizer.step();
 *   return loss.detach();
 * });
 * ```
 * @throws AutogradError where `fn` returns a promise
 */
export function scope<R>(fn: () => R): R {
  if (typeof fn !== "function") throw new ArgumentError("scope takes a function");
  return scoped(fn, survivors);
}

/** Lets the tensors in `value` live past running scopes as long as `holder` does: an optimizer keeps something for a parameter. */
export function heldBy(holder: Tensor, value: unknown): void {
  if (state.scope === null) return;
  for (const tensor of tensorsIn(value)) holds(holder.storage, tensor.storage);
}
