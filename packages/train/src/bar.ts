import type { ProgressState } from "./progress.js";

/** Where progress is shown. */
export interface Bar {
  draw(state: ProgressState): void;
  /** Leaves the last state where it is. */
  close(): void;
}
