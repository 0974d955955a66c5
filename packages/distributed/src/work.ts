import type { Request } from "./mpi.js";

/** An operation that was started with `asyncOp: true`. Its tensors hold nothing useful, and must be left alone, until `wait` has returned. */
export class Work {
  readonly #request: Request;
  #finish: (() => void) | null;

  /** @param finish what is left to do when MPI is done */
  constructor(request: Request, finish: () => void) {
    this.#request = request;
    this.#finish = finish;
  }

  /** Whether it is done. Asking also lets MPI work on it: MPI computes only while it is called. */
  isCompleted(): boolean {
    if (this.#finish !== null && this.#request.test()) this.#end();
    return this.#finish === null;
  }

  /** Blocks until it is done. */
  wait(): void {
    if (this.#finish === null) return;
    this.#request.wait();
    this.#end();
  }

  #end(): void {
    const finish = this.#finish;
    this.#finish = null;
    finish?.();
  }
}
