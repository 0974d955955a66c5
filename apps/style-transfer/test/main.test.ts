import { UsageError } from "app-common";
import { type Terminal, takeTerminal } from "app-common/terminal";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Commands, TransferOptions } from "../src/args.js";
import { main } from "../src/main.js";

const commands = { transfer: vi.fn(), train: vi.fn(), apply: vi.fn() } satisfies Commands;
let terminal: Terminal;

beforeEach(() => {
  terminal = takeTerminal();
});

afterEach(() => {
  terminal.release();
  for (const command of Object.values(commands)) command.mockReset();
});

const run = (line: string): Promise<number> => main(line.split(" ").filter(Boolean), commands);
const asked = (): TransferOptions => commands.transfer.mock.calls[0]?.[0] as TransferOptions;

test("everything has a default: the tutorial's", async () => {
  expect(await run("")).toBe(0);
  expect(asked()).toEqual({
    style: [],
    blend: [1],
    out: "runs/style.png",
    size: 256,
    steps: 300,
    contentWeight: 1,
    tvWeight: 0,
    styleLayers: ["conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1"],
    contentLayers: ["conv2_2"],
    init: "content",
    optimizer: "lbfgs",
    lr: 1,
    pyramid: false,
    preserveColor: false,
    saveEvery: 0,
    sheet: false,
    plot: false,
    download: false,
    seed: 2024,
    device: "cpu",
  });
});

test("what the command line names wins; weights of styles are shares; layers have the tutorial's names too", async () => {
  await run("--style a.jpg b.jpg --blend 3 1 --optimizer adam --style-layers conv_1,relu4_1 --tv-weight 0 --size 64");
  expect(asked()).toMatchObject({
    style: ["a.jpg", "b.jpg"],
    blend: [0.75, 0.25],
    optimizer: "adam",
    lr: 0.02,
    styleLayers: ["conv1_1", "relu4_1"],
    size: 64,
  });
});

test("the options behind a command are its own", async () => {
  await run("train --data photos --style a.jpg --size 64");
  expect(commands.train.mock.calls[0][0]).toMatchObject({
    data: "photos",
    style: "a.jpg",
    size: 64,
    width: 32,
  });
  await run("apply --model m.safetensors --out o.png");
  expect(commands.apply).toHaveBeenCalledWith({
    model: "m.safetensors",
    out: "o.png",
    size: 512,
    preserveColor: false,
    device: "cpu",
  });
  expect(commands.transfer).not.toHaveBeenCalled();
});

test.each([
  ["--stile a.jpg", "unknown option '--stile'\n(Did you mean --style?)"],
  ["--size 0", "It must be a whole number from 16 to 8192."],
  ["--style-weight -1", "It must be 0 or a number above 0."],
  ["--style-weight 0 --content-weight 0", "nothing is aimed at"],
  ["--content-layers conv6_1", "VGG19 has no layer conv6_1"],
  ["--content-layers conv_17", "VGG19 has no layer conv_17"],
  ["--style a.jpg --blend 1 2", "--blend gives 2 weights for 1 style pictures"],
  ["--weights a.pth --download", "leave one out"],
  ["--init zeros", "Allowed choices are content, noise, style."],
  ["stray", "too many arguments"],
  ["train --size 8", "It must be a whole number from 32 to 2048."],
  ["apply --style a.jpg", "unknown option '--style'"],
])("style %s: exit code 2 and a reason", async (line, message) => {
  expect(await run(line)).toBe(2);
  expect(terminal.text).toContain(message);
  expect(commands.transfer).not.toHaveBeenCalled();
});

test("an input that cannot be used exits with 2, an error of the program with 1", async () => {
  commands.transfer.mockRejectedValueOnce(new UsageError("no such picture"));
  expect(await run("")).toBe(2);
  expect(terminal.text).toBe("error: no such picture\n");
  commands.transfer.mockRejectedValueOnce(new Error("broken"));
  expect(await run("")).toBe(1);
});
