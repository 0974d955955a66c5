import { runProgram } from "app-common";
import { type Commands, createProgram } from "./args.js";

/** Each command is loaded when it runs, so that `--help` and mistakes are answered at once. */
const commandFiles: Commands = {
  transfer: async (options) => (await import("./commands/transfer.js")).transfer(options),
  train: async (options) => (await import("./commands/train.js")).train(options),
  apply: async (options) => (await import("./commands/apply.js")).apply(options),
};

/** Runs a command line; gives the exit code. */
export const main = (args: readonly string[], commands: Commands = commandFiles): Promise<number> =>
  runProgram(createProgram(commands), args);
