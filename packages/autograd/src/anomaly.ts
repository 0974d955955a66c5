import { AutogradError, isFloat, state } from "@kindling/storage";
import { bind, signature } from "./args.js";
import { withModes } from "./grad-mode.js";
import type { Grad, Node } from "./node.js";
import { originOf, running } from "./origins.js";
import { hostValues } from "./read.js";
import type { Tensor } from "./tensor.js";

/*
 * Finding the operation that spoils a gradient: while the mode is on each node remembers where it was made, and a derivative that
 * throws or gives NaN is reported with that place.
 */

/** Runs a node's derivative; where it throws or gives NaN, says where the node was made. */
export function watched(node: Node, grads: readonly Grad[]): Grad | readonly Grad[] {
  running.push(node);
  try {
    const result = node.derivative.backward(node, grads[0] as Tensor, grads);
    if (state.anomaly?.checkNan) refuseNaN(node, Array.isArray(result) ? (result as Grad[]) : [result as Grad]);
    return result;
  } catch (error) {
    warn(node);
    throw error;
  } finally {
    running.pop();
  }
}

function refuseNaN(node: Node, grads: readonly Grad[]): void {
  grads.forEach((grad, i) => {
    if (!grad || !isFloat(grad.dtype) || !grad.storage.device.backend.readSync) return;
    if (!(hostValues(grad, "detectAnomaly") as Float32Array).some(Number.isNaN)) return;
    throw new AutogradError(`Function '${node.name}' returned nan values in its ${i}th output.`, {
      operation: node.name,
      output: i,
    });
  });
}

function warn(node: Node): void {
  const origin = originOf(node);
  let text = `Error detected in ${node.name}. `;
  text += origin
    ? `Traceback of forward call that caused the error:\n${origin.stack}`
    : "No forward pass information available. Enable detect anomaly during forward pass for more information.";
  for (let outer = origin?.within ?? null; outer !== null; outer = originOf(outer)?.within ?? null) {
    const stack = originOf(outer)?.stack;
    text += `\n\nPrevious calculation was induced by ${outer.name}. `;
    text += stack
      ? `Traceback of forward call that induced the previous calculation:\n${stack}`
      : "No forward pass information available.";
  }
  // biome-ignore lint/suspicious/noConsole: what the mode was switched on for
  console.warn(text);
}

const setSignature = signature("setDetectAnomaly(mode, checkNan=true)");

/**
 * Switches anomaly detection on or off, for forward and backward passes from now on. While it is on every node remembers where it
 * was made, a backward pass whose derivative throws warns with that place, and (with `checkNan`, on devices that can be read
 * synchronously) a gradient that holds NaN makes it throw. Slow: for debugging.
 */
export function setDetectAnomaly(mode: boolean, options?: boolean | { checkNan?: boolean }): void {
  const [on, checkNan] = bind(setSignature, options === undefined ? [mode] : [mode, options]) as [boolean, boolean];
  state.anomaly = on ? { checkNan } : null;
}

/** Runs `fn` with anomaly detection on, and returns its result: see `setDetectAnomaly`. */
export function detectAnomaly<R>(fn: () => R, options?: { checkNan?: boolean }): R {
  const { checkNan = true } = options ?? {};
  return withModes("detectAnomaly", { anomaly: { checkNan } }, fn);
}

/** Whether anomaly detection is on. */
export const isAnomalyEnabled = (): boolean => state.anomaly !== null;
