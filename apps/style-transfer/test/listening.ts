import { afterEach, beforeEach, vi } from "vitest";

/** What the program says in each test of a file, instead of the terminal; its progress bar is silent. */
export function listening(): { said: string } {
  const heard = { said: "" };
  beforeEach(() => {
    heard.said = "";
    for (const method of ["log", "error"] as const) {
      vi.spyOn(console, method).mockImplementation((text) => {
        heard.said += `${text}\n`;
      });
    }
    vi.spyOn(process.stderr, "write").mockReturnValue(true);
  });
  afterEach(() => vi.restoreAllMocks());
  return heard;
}
