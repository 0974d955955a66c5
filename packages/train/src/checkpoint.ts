import { ArgumentError } from "@kindling/autograd";
import { save } from "@kindling/io";

/**
 * Saves a checkpoint every so many steps: `const checkpoint = checkpointEvery(500, "run.pt", () => ({ … }))`, and `await checkpoint(step)` in the loop. The file is always
 * the old one or the new one, whole.
 * @param every steps from one to the next
 * @param path file, as `save` of `@kindling/io` takes it
 * @param state what to save, asked for only when it is: state dicts, the step, a generator's state
 * @returns takes the number of steps done, and tells whether it saved
 * @throws ArgumentError for an `every` that is not 1 or more
 */
export function checkpointEvery(
  every: number,
  path: string | URL,
  state: () => unknown,
): (step: number) => Promise<boolean> {
  if (!Number.isInteger(every) || every < 1) throw new ArgumentError(`every is 1 or more, got ${every}`);
  return async (step) => {
    if (step % every !== 0) return false;
    await save(state(), path);
    return true;
  };
}
