import { Worker } from "node:worker_threads";
import { DeviceError, type HostArray } from "@kindling/storage";

/** The way to the device's thread, which ends with the program, and keeps it alive only while somebody waits for an answer. */
export class Link {
  readonly #worker = new Worker(new URL("./worker.js", import.meta.url), { execArgv: [] });
  /** Without an answer yet, in the order in which they will get one. */
  #questions: { resolve(values: HostArray): void; reject(error: Error): void }[] = [];
  #failure: Error | undefined;

  constructor() {
    this.#worker.unref();
    this.#worker.on("message", (values: HostArray) => {
      this.#questions.shift()?.resolve(values);
      if (this.#questions.length === 0) this.#worker.unref();
    });
    this.#worker.on("error", (cause) => {
      this.#failure = new DeviceError(`the device failed: ${cause.message}`, { cause });
      for (const { reject } of this.#questions) reject(this.#failure);
    });
  }

  /** Has the device do something. What happens to it, the next answer tells. */
  send(command: string, ...args: unknown[]): void {
    this.#worker.postMessage([command, ...args]);
  }

  /** Has the device do something that answers with values. @throws DeviceError once the device has failed */
  ask(command: string, ...args: unknown[]): Promise<HostArray> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) throw this.#failure;
      this.send(command, ...args);
      this.#questions.push({ resolve, reject });
      this.#worker.ref();
    });
  }
}
