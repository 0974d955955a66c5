import { expose, proxy, type Remote, transfer, wrap } from "comlink";

/*
 * Page and worker talk as object and caller (Comlink): the worker gives an object of async methods, the page calls them. Values are cloned,
 * a callback is passed as `callback(fn)`, and what a method throws arrives as an Error with its name and message.
 */

export type { Remote };

/** Lets a worker call back: for progress. Pass it as an argument; calls need no answer. */
export const callback = proxy;

/** A value whose `parts` (buffers, bitmaps) go over to the other side instead of being copied. */
export const handOver = transfer;

/** In the worker: answers the page's calls by the methods of `api`. */
export function serve(api: object): void {
  expose(api);
}

/**
 * In the page: the methods of what the worker serves.
 * @returns methods whose promises also reject when the worker itself breaks (its file is missing, it runs out of memory)
 */
export function connect<T>(worker: Worker): Remote<T> {
  const broken = new Promise<never>((_, reject) => {
    worker.addEventListener("error", ({ message }) => {
      reject(
        new Error(`the background worker has stopped: ${message ?? "its script could not be loaded"}; reload the page`),
      );
    });
  });
  broken.catch(() => {}); // heard by the calls, where there are any
  const remote = wrap<Record<string, (...args: unknown[]) => unknown>>(worker);
  return new Proxy(remote, {
    get:
      (_, name) =>
      (...args: unknown[]) =>
        Promise.race([remote[name as string](...args), broken]),
  }) as unknown as Remote<T>;
}

/** Lets the worker hear the page between two steps of long work: a message is a task, and promises alone let none run. */
export const breathe = (): Promise<void> =>
  new Promise((resume) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resume();
    };
    port2.postMessage(null);
  });
