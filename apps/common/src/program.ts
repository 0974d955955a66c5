import { setTimeout as pause } from "node:timers/promises";
import { type Command, CommanderError } from "commander";
import { Interrupted, isSystemError, UsageError } from "./errors.js";

/** What shells expect of a program that Ctrl-C ended. */
export const INTERRUPTED = 130;

/**
 * Milliseconds after which a process speaks of its end that is not the first of those that mpirun started: where the first came to the same end, and said so,
 * mpirun has ended the others by then.
 */
const PATIENCE = 1500;

/** Whether mpirun started this process, and others before it; Open MPI and MPICH say so. */
const isFollower = (): boolean => Number(process.env.OMPI_COMM_WORLD_RANK ?? process.env.PMI_RANK ?? 0) > 0;

/** Keeps back what Commander would print of mistakes, and its help, which the first process prints. */
function held(command: Command, lines: string[]): void {
  command.configureOutput({ writeErr: (text) => lines.push(text), writeOut: () => {} });
  for (const part of command.commands) held(part, lines);
}

/**
 * Runs a command line.
 * @returns the exit code: 0 done, 1 an error of the program, 2 an input that cannot be used, 130 ended by Ctrl-C
 */
export async function runProgram(program: Command, args: readonly string[]): Promise<number> {
  const lines: string[] = [];
  if (isFollower()) held(program, lines);
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (isFollower() && !(error instanceof CommanderError && error.exitCode === 0)) await pause(PATIENCE);
    if (lines.length > 0) process.stderr.write(lines.join(""));
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
