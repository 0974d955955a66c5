import { init } from "kindling";
import { expect, test } from "vitest";
import type { Sample } from "../src/dataset.js";
import { bundledData, readNames } from "../src/dataset-node.js";
import { newRun } from "../src/run.js";
import type { Settings } from "../src/settings.js";
import { createTrainer, logProbabilities } from "../src/training.js";

/* `--device webgpu` against the CPU, step by step. */

/** Why there is no GPU here; where one must be (KINDLING_REQUIRE), the tests fail instead of being skipped. */
const missing = await init("webgpu").then(
  () => undefined,
  (error: Error) => {
    if (process.env.KINDLING_REQUIRE?.split(",").includes("webgpu")) throw error;
    return error.message;
  },
);

const data = readNames(bundledData);
/** Names of four languages, in turn, from the `from`th of each on. */
const some = (n: number, from: number): Sample[] => {
  const four = ["Greek", "Irish", "Italian", "Japanese"].map((name) => data.languages.indexOf(name));
  const names = four.map((language) => data.samples.filter((sample) => sample.language === language));
  return Array.from({ length: n }, (_, i) => names[i % 4][from + Math.floor(i / 4)]);
};
const [train, unseen] = [some(160, 0), some(40, 40)];

const settings: Settings = {
  split: "default",
  model: "batched",
  cell: "gru",
  hidden: 32,
  layers: 1,
  epochs: 2,
  batch: 16,
  optimizer: "adam",
  lr: 0.005,
  decay: "none",
  balance: "none",
  seed: 5,
};

/** 16 units in the last place of a float32: after 20 steps 2 were seen. */
const TOLERANCE = 2e-6;

/** The loss of every step (of sixteen names) of all epochs, and what the trained network says of names that it has not seen. */
async function outcome(settings: Settings, device: string): Promise<{ losses: number[]; scores: number[] }> {
  const { model, optimizer, record } = newRun(settings, data, device);
  const trainer = createTrainer(
    model,
    optimizer,
    train,
    data.languages.length,
    { ...settings, device },
    record.position,
    record.losses,
  );
  while (record.position.epoch < settings.epochs) {
    await trainer.finishEpoch(
      async () => {},
      () => false,
    );
  }
  const texts = unseen.map(({ text }) => text);
  const scores = (await logProbabilities(model, texts, device)).flatten().tolist() as number[];
  return { losses: record.losses.map(({ value }) => value), scores };
}

test.for<[string, Partial<Settings>]>([
  ["RNN", { cell: "rnn", lr: 0.003 }],
  ["LSTM", { cell: "lstm" }],
  ["GRU", { cell: "gru" }],
  ["GRU of two layers, SGD, weighted", { layers: 2, optimizer: "sgd", lr: 0.3, balance: "weights" }],
  ["classic model", { model: "classic", optimizer: "sgd", epochs: 1 }],
])("%s: losses and scores on webgpu are those of the cpu", { timeout: 120_000 }, async ([, changes], { skip }) => {
  skip(missing !== undefined, missing);
  const cpu = await outcome({ ...settings, ...changes }, "cpu");
  const gpu = await outcome({ ...settings, ...changes }, "webgpu");
  expect(cpu.losses).toHaveLength(10 * (changes.epochs ?? settings.epochs));
  expect(cpu.losses.at(-1)).toBeLessThan(0.95 * cpu.losses[0]);
  for (const [i, loss] of cpu.losses.entries()) expect(Math.abs(gpu.losses[i] - loss)).toBeLessThan(TOLERANCE * loss);
  for (const [i, score] of cpu.scores.entries()) {
    expect(Math.abs(gpu.scores[i] - score)).toBeLessThan(TOLERANCE * Math.max(1, Math.abs(score)));
  }
});
