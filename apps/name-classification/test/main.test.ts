import { UsageError } from "app-common";
import { type Terminal, takeTerminal } from "app-common/terminal";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Commands, TrainOptions } from "../src/args.js";
import { main } from "../src/main.js";

const commands = { train: vi.fn(), evaluate: vi.fn(), predict: vi.fn(), inspect: vi.fn() } satisfies Commands;
let terminal: Terminal;

beforeEach(() => {
  terminal = takeTerminal();
});

afterEach(() => {
  terminal.release();
  for (const command of Object.values(commands)) command.mockReset();
});

async function run(line: string): Promise<number> {
  return main(line.split(" ").filter(Boolean), commands);
}

function trained(): TrainOptions {
  return commands.train.mock.calls[0]?.[0] as TrainOptions;
}

test("train has defaults for everything", async () => {
  expect(await run("train")).toBe(0);
  expect(trained()).toEqual({
    split: "default",
    model: "batched",
    cell: "gru",
    hidden: 128,
    layers: 1,
    epochs: 10,
    batch: 64,
    optimizer: "adam",
    lr: 0.006,
    decay: "linear",
    balance: "none",
    seed: 2024,
    device: "cpu",
    distributed: false,
    out: "runs/names",
    resume: false,
    overwrite: false,
    given: [],
  });
});

test("what the command line names wins, and the learning rate follows the optimizer, the model and the cell", async () => {
  await run("train --data d --cell lstm --optimizer sgd --seed 0 --resume");
  expect(trained()).toMatchObject({ data: "d", cell: "lstm", optimizer: "sgd", lr: 0.15, seed: 0, resume: true });
  expect(trained().given.sort()).toEqual(["cell", "data", "optimizer", "resume", "seed"]);
  commands.train.mockReset();
  await run("train --model classic");
  expect(trained()).toMatchObject({ optimizer: "sgd", lr: 0.005 });
  commands.train.mockReset();
  await run("train --cell rnn");
  expect(trained()).toMatchObject({ optimizer: "adam", lr: 0.003 });
});

test("the other commands pass on what they are given", async () => {
  await run("predict Dvořák Lee --top 5");
  expect(commands.predict).toHaveBeenCalledWith({ names: ["Dvořák", "Lee"], run: "runs/names", top: 5 });
  await run("evaluate --run r");
  expect(commands.evaluate).toHaveBeenCalledWith({ run: "r" });
  await run("inspect");
  await run("inspect --run r");
  expect(commands.inspect.mock.calls).toEqual([[{}], [{ run: "r" }]]);
});

test.each([
  ["trian", "unknown command 'trian'\n(Did you mean train?)"],
  ["train --epoch 3", "unknown option '--epoch'\n(Did you mean --epochs?)"],
  ["train --epochs 0", "'--epochs <n>' argument '0' is invalid. It must be a whole number from 1 to 1000000."],
  ["train --hidden 1e9", "argument '1e9' is invalid. It must be a whole number from 1 to 4096."],
  ["train --lr -1", "argument '-1' is invalid. It must be a number above 0."],
  ["train --cell lsmt", "argument 'lsmt' is invalid. Allowed choices are gru, rnn, lstm."],
  ["train --model classic --cell gru", "error: --cell belongs to the batched model"],
  ["train stray", "too many arguments"],
  ["predict", "missing required argument 'names'"],
  ["inspect --run r --data d", "'--data <dir>' cannot be used with option '--run <dir>'"],
  ["", "Usage: names"],
])("names %s: exit code 2 and a reason", async (line, message) => {
  expect(await run(line)).toBe(2);
  expect(terminal.text).toContain(message);
  for (const command of Object.values(commands)) expect(command).not.toHaveBeenCalled();
});

test("help shows examples and succeeds", async () => {
  expect(await run("train --help")).toBe(0);
  expect(terminal.text).toContain("Examples:\n  npm run names -- train\n");
});

test("an input that cannot be used exits with 2, an error of the program with 1", async () => {
  commands.evaluate.mockRejectedValueOnce(new UsageError("no such run"));
  expect(await run("evaluate")).toBe(2);
  expect(terminal.text).toBe("error: no such run\n");
  commands.evaluate.mockRejectedValueOnce(new Error("broken"));
  expect(await run("evaluate")).toBe(1);
  expect(terminal.text).toContain("Error: broken");
});
