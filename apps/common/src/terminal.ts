/** What a program writes while a test looks on, instead of the terminal. */
export interface Terminal {
  /** All that was written so far. */
  readonly text: string;
  /** Gives output and complaints back to the terminal. */
  release(): void;
}

/** Takes what is written to standard output, to standard error and by `console.error`. */
export function takeTerminal(): Terminal {
  const { stdout, stderr } = process;
  const [out, err, complain] = [stdout.write, stderr.write, console.error];
  let text = "";
  const write = (chunk: unknown): boolean => {
    text += chunk;
    return true;
  };
  stdout.write = write;
  stderr.write = write;
  console.error = (message: unknown) => write(`${message}\n`);
  return {
    get text() {
      return text;
    },
    release() {
      stdout.write = out;
      stderr.write = err;
      console.error = complain;
    },
  };
}
