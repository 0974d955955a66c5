import { ArgumentError, AutogradError, state } from "@kindling/storage";

type Modes = Pick<typeof state, "gradEnabled" | "inferenceMode" | "anomaly" | "savedTensorsHooks">;

/** Runs `fn`, which must be synchronous, in other modes. */
export function withModes<R>(name: string, modes: Partial<Modes>, fn: () => R): R {
  if (typeof fn !== "function") throw new ArgumentError(`${name} takes a function`);
  const before: Modes = {
    gradEnabled: state.gradEnabled,
    inferenceMode: state.inferenceMode,
    anomaly: state.anomaly,
    savedTensorsHooks: state.savedTensorsHooks,
  };
  Object.assign(state, modes);
  let result: R;
  try {
    result = fn();
  } finally {
    Object.assign(state, before);
  }
  if (typeof (result as { then?: unknown } | null | undefined)?.then === "function") {
    throw new AutogradError(
      `${name}(fn): fn returned a promise. The mode holds while fn runs synchronously; after an \`await\` other code would run in it. ` +
        `Await first, then call ${name} around the synchronous part.`,
    );
  }
  return result;
}

/** Runs `fn` without recording a graph, and returns its result. `fn` must be synchronous. */
export const noGrad = <R>(fn: () => R): R => withModes("noGrad", { gradEnabled: false }, fn);

/** Runs `fn` with recording on, inside a `noGrad`; inside an `inferenceMode` it stays off. */
export const enableGrad = <R>(fn: () => R): R => withModes("enableGrad", { gradEnabled: !state.inferenceMode }, fn);

/** Runs `fn` with recording on or off; inside an `inferenceMode` it stays off. */
export const setGradEnabled = <R>(on: boolean, fn: () => R): R =>
  withModes("setGradEnabled", { gradEnabled: on && !state.inferenceMode }, fn);

/** `noGrad` whose results can never enter a graph: no views or versions are tracked on them. */
export const inferenceMode = <R>(fn: () => R): R =>
  withModes("inferenceMode", { gradEnabled: false, inferenceMode: true }, fn);

/** Whether operations are recorded now. */
export const isGradEnabled = (): boolean => state.gradEnabled;

/** Whether `inferenceMode` holds now. */
export const isInferenceModeEnabled = (): boolean => state.inferenceMode;
