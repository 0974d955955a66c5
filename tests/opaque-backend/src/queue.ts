const LIMIT = 256;

/** Commands in the order of the calls, run together and late: when someone waits for a result, or when many are pending. */
export class CommandQueue {
  #pending: (() => void)[] = [];

  record(command: () => void): void {
    this.#pending.push(command);
    if (this.#pending.length >= LIMIT) this.flush();
  }

  flush(): void {
    const commands = this.#pending;
    this.#pending = [];
    for (const command of commands) command();
  }

  /** Resolves on a later turn of the event loop, when all that is recorded now has run. */
  finished(): Promise<void> {
    return new Promise((resolve) => {
      setImmediate(() => {
        this.flush();
        resolve();
      });
    });
  }
}
