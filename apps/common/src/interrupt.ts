/** Ctrl-C, and what systems send before they end a program. */
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Runs `work`, which looks at `stopped()` now and then and comes to a good end where it says so: Ctrl-C was pressed. Pressed again,
 * it ends the program at once.
 * @param quiet says nothing, where another process does
 */
export async function interruptible<T>(work: (stopped: () => boolean) => Promise<T>, quiet = false): Promise<T> {
  let interrupted = false;
  const onInterrupt = (): void => {
    if (interrupted) process.exit(130);
    interrupted = true;
    if (!quiet) console.error("\nStopping and saving … Ctrl-C again stops at once");
  };
  for (const signal of SIGNALS) process.on(signal, onInterrupt);
  try {
    return await work(() => interrupted);
  } finally {
    for (const signal of SIGNALS) process.off(signal, onInterrupt);
  }
}
