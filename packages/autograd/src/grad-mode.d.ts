/** Runs `fn` without recording a graph, and returns its result. `fn` must be synchronous. */
export declare const noGrad: <R>(fn: () => R) => R;
/** Runs `fn` with recording on, inside a `noGrad`; inside an `inferenceMode` it stays off. */
export declare const enableGrad: <R>(fn: () => R) => R;
/** Runs `fn` with recording on or off; inside an `inferenceMode` it stays off. */
export declare const setGradEnabled: <R>(on: boolean, fn: () => R) => R;
/** `noGrad` whose results can never enter a graph: no views or versions are tracked on them. */
export declare const inferenceMode: <R>(fn: () => R) => R;
/** Whether operations are recorded now. */
export declare const isGradEnabled: () => boolean;
/** Whether `inferenceMode` holds now. */
export declare const isInferenceModeEnabled: () => boolean;
