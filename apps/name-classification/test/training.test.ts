import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registerOpaqueBackend } from "@kindling-tests/opaque-backend";
import type { Tensor } from "kindling";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { bundledData, readNames } from "../src/dataset-node.js";
import { main } from "../src/main.js";
import { figuresOf } from "../src/metrics.js";
import { newRun, sidesOf } from "../src/run.js";
import { loadRun } from "../src/run-node.js";
import type { Settings } from "../src/settings.js";
import { confusion, createTrainer } from "../src/training.js";

let folder: string;
let printed = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "names-"));
  mkdirSync(join(folder, "data"));
  for (const language of ["Japanese", "Russian", "Vietnamese"]) {
    cpSync(join(bundledData, `${language}.txt`), join(folder, "data", `${language}.txt`));
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(() => {
  printed = "";
  const write = (text: unknown): boolean => {
    printed += text;
    return true;
  };
  vi.spyOn(process.stdout, "write").mockImplementation(write);
  vi.spyOn(process.stderr, "write").mockImplementation(write);
  for (const method of ["log", "error"] as const)
    vi.spyOn(console, method).mockImplementation((text) => write(`${text}\n`));
  return () => vi.restoreAllMocks();
});

const words: Record<string, string> = { LONG: "a".repeat(10_000), BUNDLED: bundledData };
const run = (line: string): Promise<number> =>
  main(
    line
      .replaceAll("$", `${folder}/`)
      .split(" ")
      .map((word) => words[word] ?? word),
  );

const weights = async (name: string): Promise<Record<string, number[]>> => {
  const { model } = await loadRun(join(folder, name));
  return Object.fromEntries(
    Object.entries(model.stateDict()).map(([key, t]) => [key, (t as Tensor).flatten().tolist()]),
  );
};

const settings: Settings = {
  data: undefined,
  split: "default",
  model: "batched",
  cell: "gru",
  hidden: 16,
  layers: 1,
  epochs: 1,
  batch: 32,
  optimizer: "adam",
  lr: 0.01,
  decay: "none",
  balance: "none",
  seed: 1,
};

describe("train", () => {
  it.each(["--cell rnn", "--cell lstm --layers 2", "--cell gru --balance weights", "--model classic"])(
    "%s learns three languages, and writes checkpoint, pictures and report",
    async (options) => {
      const out = options.replaceAll(/\W+/g, "-");
      expect(await run(`train --data $data --hidden 24 --epochs 8 --decay none --out $${out} ${options}`)).toBe(0);
      expect(readdirSync(join(folder, out)).sort()).toEqual([
        "accuracy.png",
        "accuracy.svg",
        "checkpoint.safetensors",
        "confusion.png",
        "confusion.svg",
        "loss.png",
        "loss.svg",
        "report.html",
      ]);
      const { record } = await loadRun(join(folder, out));
      expect(record.losses.at(-1)?.value).toBeLessThan(0.7 * (record.losses[0]?.value ?? 0));
      expect(record.accuracies.at(-1)?.value).toBeGreaterThan(0.6);
      expect(printed).toContain("always the largest");
    },
    60_000,
  );

  it("goes on after an interruption as if there had been none", async () => {
    const line = "train --data $data --hidden 12 --epochs 4 --batch 16 --cell lstm";
    await run(`${line} --out $whole`);
    const interrupted = run(`${line} --out $parts`);
    setTimeout(() => process.emit("SIGINT", "SIGINT"), 100); // at whatever place the training has come to
    expect(await interrupted).toBe(130);
    const stopped = (await loadRun(join(folder, "parts"))).record.position;
    expect(stopped.epoch * 1000 + stopped.names).toBeLessThan(4000);
    expect(await run("train --resume --out $parts")).toBe(0);
    expect(await weights("parts")).toEqual(await weights("whole"));
    const [parts, whole] = await Promise.all(["parts", "whole"].map((name) => loadRun(join(folder, name))));
    expect(parts.record.losses).toEqual(whole.record.losses);
    expect(parts.record.accuracies).toEqual(whole.record.accuracies);
  }, 60_000);

  it("goes on for more epochs to the result of a longer run", async () => {
    const line = "train --data $data --hidden 8 --optimizer sgd --decay none";
    await run(`${line} --epochs 3 --out $longer`);
    await run(`${line} --epochs 1 --out $extended`);
    expect(await run("train --resume --epochs 3 --out $extended")).toBe(0);
    expect(await weights("extended")).toEqual(await weights("longer"));
    expect(await run("train --resume --epochs 2 --out $extended")).toBe(2);
    expect(printed).toContain("has come to epoch 3 already");
  }, 60_000);
});

it("weights count in the classic model too, which reads name by name", async () => {
  const data = readNames(join(folder, "data"));
  const { train } = sidesOf(data, settings);
  const [even, weighted] = await Promise.all(
    (["none", "weights"] as const).map(async (balance) => {
      const { model, optimizer } = newRun({ ...settings, model: "classic", balance }, data, "cpu");
      const options = { ...settings, model: "classic" as const, balance, device: "cpu" };
      await createTrainer(model, optimizer, train.slice(0, 5), 3, options).finishEpoch(
        async () => {},
        () => false,
      );
      return model.parameters().map((p) => p.tolist());
    }),
  );
  expect(weighted).not.toEqual(even);
});

describe("a run that is there", () => {
  beforeAll(async () => {
    vi.spyOn(console, "log").mockImplementation(() => {});
    await run("train --data $data --hidden 16 --epochs 3 --out $ready");
  }, 60_000);

  it("predicts names given, with log-probabilities", async () => {
    expect(await run("predict Watanabe Nguyễn Иванов --run $ready --top 2")).toBe(0);
    expect(printed).toContain("(reads ______:");
    expect(printed.match(/^> /gm)).toHaveLength(3);
    expect(printed.match(/^\(-\d+\.\d\d\) (Japanese|Russian|Vietnamese) +\d+\.\d %$/gm)).toHaveLength(6);
  });

  it("is evaluated on its own test side, and on other data", async () => {
    const before = readFileSync(join(folder, "ready", "report.html"), "utf8");
    expect(await run("evaluate --run $ready")).toBe(0);
    expect(readFileSync(join(folder, "ready", "report.html"), "utf8")).toBe(before);
    expect(await run("evaluate --run $ready --data $data")).toBe(0);
    expect(await run("evaluate --run $ready --data BUNDLED")).toBe(2);
    expect(printed).toContain("the run does not know Arabic");
    printed = "";
    mkdirSync(join(folder, "two"));
    writeFileSync(join(folder, "two", "Japanese.txt"), "Tanaka\n");
    writeFileSync(join(folder, "two", "Russian.txt"), "Ivanov\n");
    expect(await run("evaluate --run $ready --data $two")).toBe(0);
    expect(printed).toMatch(/always the largest +50\.0 % +0\.500/); // Vietnamese, without names, does not count
    expect(printed).not.toContain("report.html");
  });

  it("is inspected, and so is data", async () => {
    expect(await run("inspect --run $ready")).toBe(0);
    expect(printed).toContain("rnn.weight_ih_l0");
    expect(printed).toContain("trained: 3 of 3 epochs");
    expect(await run("inspect --data $data")).toBe(0);
    expect(printed).toMatch(/Vietnamese +\d+/);
  });

  it.each([
    ["train --out $ready", "holds a run already"],
    ["train --resume --out $ready --cell rnn", "has --cell gru, not rnn"],
    ["train --resume --out $ready --data BUNDLED", "are not those that the run"],
    ["train --resume --out $ready --epochs 5", "only a run with --decay none can take --epochs 5"],
    ["train --resume --out $none", "holds no run"],
    ["train --device abacus --out $none", "there is no device 'abacus'"],
    ["predict Smith --run $none", "holds no run"],
    ["predict LONG --run $ready", "a name of 10000 letters"],
    ["predict ´ --run $ready --top 0", "whole number"],
    ["evaluate --run $none", "holds no run"],
    ["train --data $data --out $data/Russian.txt", "there is a file of that name"],
    ["train --data $data --out $data/Russian.txt/run", "it is not a folder"],
    ["train --data $nowhere --out $none", "there is no such file or folder"],
  ])("%s is refused with exit code 2, and nothing is overwritten", async (line, message) => {
    const before = readFileSync(join(folder, "ready", "checkpoint.safetensors"));
    expect(await run(line)).toBe(2);
    expect(printed).toContain(message);
    expect(readFileSync(join(folder, "ready", "checkpoint.safetensors"))).toEqual(before);
    expect(existsSync(join(folder, "none"))).toBe(false);
  });

  it("must be a checkpoint of this program and whole", async () => {
    const whole = readFileSync(join(folder, "ready", "checkpoint.safetensors"));
    const write = (bytes: Uint8Array): void => {
      mkdirSync(join(folder, "bad"), { recursive: true });
      writeFileSync(join(folder, "bad", "checkpoint.safetensors"), bytes);
    };
    write(whole.subarray(0, whole.length / 2));
    expect(await run("predict Smith --run $bad")).toBe(2);
    expect(printed).toContain("cannot use the checkpoint");
    const length = Number(whole.readBigUInt64LE(0));
    const header = whole.subarray(8, 8 + length).toString();
    const altered = (from: string | RegExp, to: string): void => {
      const text = Buffer.from(header.replace(from, to).trimEnd().padEnd(length));
      const size = Buffer.alloc(8);
      size.writeBigUInt64LE(BigInt(text.length));
      write(Buffer.concat([size, text, whole.subarray(8 + length)]));
    };
    altered("kindling name-classification 1", "somebody else's");
    expect(await run("predict Smith --run $bad")).toBe(2);
    expect(printed).toContain("is no checkpoint of this program: somebody else's");
    altered('\\"hidden\\":16', '\\"hidden\\":17');
    expect(await run("predict Smith --run $bad")).toBe(2);
    expect(printed).toContain("size mismatch");
    altered('\\"losses\\"', '\\"lost\\"');
    expect(await run("inspect --run $bad")).toBe(2);
    expect(printed).toContain("its description lacks losses");
    rmSync(join(folder, "bad", "checkpoint.safetensors"));
    mkdirSync(join(folder, "bad", "checkpoint.safetensors"));
    expect(await run("train --resume --out $bad")).toBe(2);
    expect(printed).toContain("it is a folder, not a file");
  });
});

describe("on a device without synchronous reads", () => {
  it("trains to the cpu's losses", async () => {
    registerOpaqueBackend("opaque");
    const data = readNames(join(folder, "data"));
    const results = [];
    for (const device of ["cpu", "opaque"]) {
      const { model, optimizer, record } = newRun(settings, data, device);
      const { train, test } = sidesOf(data, settings);
      const trainer = createTrainer(
        model,
        optimizer,
        train,
        3,
        { ...settings, device },
        record.position,
        record.losses,
      );
      for (let epoch = 0; epoch < 3; epoch++)
        await trainer.finishEpoch(
          async () => {},
          () => false,
        );
      expect(record.languages).toEqual(data.languages);
      results.push({
        losses: record.losses.map((point) => point.value),
        figures: figuresOf(await confusion(model, test, 3, device)),
      });
    }
    const [cpu, opaque] = results;
    opaque.losses.forEach((loss, i) => {
      expect(loss).toBeCloseTo(cpu.losses[i], 3);
    });
    expect(opaque.figures.accuracy).toBeGreaterThan(0.6);
    expect(await run("train --data $data --hidden 8 --epochs 1 --device opaque --out $opaque")).toBe(0);
    expect(printed).toContain("macro-recall");
  }, 120_000);
});
