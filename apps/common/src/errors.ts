/** Something the user gave cannot be used: the command line prints the message alone and exits with code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Ctrl-C ended the command, and nothing is lost; the message says how to go on. Exit code 130. */
export class Interrupted extends Error {}

/** Whether the operating system refused something: a missing file, a permission, a full disk. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

const reasons: Record<string, string> = {
  ENOENT: "there is no such file or folder",
  ENOTDIR: "it is not a folder",
  EISDIR: "it is a folder, not a file",
  EEXIST: "there is a file of that name",
  EACCES: "permission denied",
  EROFS: "it is read-only",
  ENOSPC: "the disk is full",
};

/** Why the operating system refused something. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return reasons[code ?? ""] ?? message;
}
