/** Something the user gave cannot be used: the command line prints the message alone and exits with code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}
