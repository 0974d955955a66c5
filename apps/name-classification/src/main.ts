import { runProgram } from "app-common";
import { type Commands, createProgram } from "./args.js";

/** Each command is loaded when it runs, so that `--help` and mistakes are answered at once. */
const commandFiles: Commands = {
  train: async (options) => (await import("./commands/train.js")).train(options),
  evaluate: async (options) => (await import("./commands/evaluate.js")).evaluate(options),
  predict: async (options) => (await import("./commands/predict.js")).predict(options),
  inspect: async (options) => (await import("./commands/inspect.js")).inspect(options),
};

/** Runs a command line; gives the exit code. */
export const main = (args: readonly string[], commands: Commands = commandFiles): Promise<number> =>
  runProgram(createProgram(commands), args);
