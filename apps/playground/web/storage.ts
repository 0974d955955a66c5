const KEY = "kindling-playground";

/** The program of the last visit; nothing where the browser keeps none. */
export function recall(): string | undefined {
  try {
    return localStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the program for the next visit, where the browser lets us. */
export function remember(program: string): void {
  try {
    localStorage.setItem(KEY, program);
  } catch {
    // private windows and full disks: the page works without
  }
}
