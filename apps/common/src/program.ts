import { type Command, CommanderError } from "commander";
import { Interrupted, isSystemError, UsageError } from "./errors.js";

/** What shells expect of a program that Ctrl-C ended. */
export const INTERRUPTED = 130;

/**
 * Runs a command line.
 * @returns the exit code: 0 done, 1 an error of the program, 2 an input that cannot be used, 130 ended by Ctrl-C
 */
export async function runProgram(program: Command, args: readonly string[]): Promise<number> {
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    // Commander has printed its message, or the help, by now.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof Interrupted) {
      console.error(error.message);
      return INTERRUPTED;
    }
    if (error instanceof UsageError) {
      console.error(`error: ${error.message}`);
      return 2;
    }
    console.error(isSystemError(error) ? `error: ${error.message}` : error);
    return 1;
  }
}
