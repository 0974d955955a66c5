/** Something the user gave cannot be used: the command line prints the message alone and exits with code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Ctrl-C ended the command, and nothing is lost; the message says how to go on. Exit code 130. */
export class Interrupted extends Error {}
