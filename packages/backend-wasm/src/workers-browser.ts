const scope = globalThis as {
  readonly crossOriginIsolated?: boolean;
  readonly document?: unknown;
  readonly navigator?: { readonly hardwareConcurrency?: number };
};

/** Cores that threads may run on. */
export const cores = (): number => scope.navigator?.hardwareConcurrency ?? 1;

/** Whether the calling thread may sleep until another wakes it: a page's own may not. */
export const maySleep = scope.document === undefined;

/** Whether memory can be shared with workers: in a page that is isolated from other origins. */
export const shareable = scope.crossOriginIsolated === true && typeof Worker === "function";

/** Browsers have relaxed SIMD or have not. */
export function enableRelaxedSimd(): void {}

/** Browsers have no faster way to copy to and from shared memory than `set`. */
export const copyShared = undefined;

/** Starts a worker that runs `source` with `data`; in a page it starts when the page next yields. */
export function startWorker(source: string, data: object): void {
  const url = URL.createObjectURL(
    new Blob([`onmessage = ({ data }) => {\n${source}\n};`], { type: "text/javascript" }),
  );
  const worker = new Worker(url);
  worker.postMessage(data);
}
