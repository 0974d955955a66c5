import { resolve } from "node:path";
import { startProgress } from "@kindling/train";
import { type Crew, crewOf, Interrupted, interruptible, makeFolder, openDevice, UsageError } from "app-common";
import type { TrainOptions } from "../args.js";
import type { NameData, Split } from "../dataset.js";
import { readNames } from "../dataset-node.js";
import { EventLog } from "../event-log.js";
import { learn, type Watcher } from "../learn.js";
import { showResult, writeResult } from "../result.js";
import { fingerprint, newRun, type Run, sidesOf } from "../run.js";
import { holdsRun, loadRun, saveRun } from "../run-node.js";
import type { Settings } from "../settings.js";
import { confusion } from "../training.js";

/** Trains a classifier, or goes on with one, and shows what it has learnt. */
export async function train(options: TrainOptions): Promise<void> {
  const crew = await crewOf(options.distributed);
  options.device = await openDevice(options.device);
  const [run, data] = options.resume ? await resumed(options) : await fresh(options);
  const sides = sidesOf(data, run.record.settings);
  makeFolder(options.out);
  if (options.tensorboard !== undefined) makeFolder(options.tensorboard);
  const whole = await trained(run, sides, options, crew);
  crew.leave();
  if (crew.rank > 0) return;
  if (!whole) {
    throw new Interrupted(`\nStopped and saved. Go on with: npm run names -- train --resume --out ${options.out}`);
  }
  const counts = await confusion(run.model, sides.test, data.languages.length, options.device);
  await writeResult(options.out, run, sides.test, counts, options.device);
  showResult(run.record, counts, options.out);
}

async function fresh(options: TrainOptions): Promise<[Run, NameData]> {
  const data = readNames(options.data);
  if (holdsRun(options.out) && !options.overwrite) {
    throw new UsageError(
      `${options.out} holds a run already: go on with it (--resume), replace it (--overwrite) or choose another --out`,
    );
  }
  const {
    out: _out,
    resume: _resume,
    overwrite: _overwrite,
    given: _given,
    distributed: _distributed,
    tensorboard: _tensorboard,
    device,
    ...settings
  } = options;
  if (settings.data !== undefined) settings.data = resolve(settings.data); // found again from any folder
  return [newRun(settings, data, device), data];
}

/** The saved run, if it is of these settings and names. More epochs may be asked for. */
async function resumed(options: TrainOptions): Promise<[Run, NameData]> {
  const run = await loadRun(options.out, options.device);
  const { settings, position } = run.record;
  for (const name of options.given) {
    if (!(name in settings) || name === "epochs" || name === "data") continue;
    const own = settings[name as keyof Settings];
    if (options[name] !== own) {
      throw new UsageError(`--resume: the run in ${options.out} has --${name} ${own}, not ${options[name]}`);
    }
  }
  const folder = options.given.includes("data") ? options.data : settings.data;
  const data = readNames(folder);
  if (fingerprint(data) !== run.record.dataSha256) {
    throw new UsageError(
      `--resume: the names in ${folder ?? "the bundled data"} are not those that the run in ${options.out} began with`,
    );
  }
  if (options.given.includes("epochs") && options.epochs !== settings.epochs) {
    if (settings.decay !== "none") {
      throw new UsageError(
        `--resume: the learning rate of the run in ${options.out} falls over ${settings.epochs} epochs; only a run with --decay none can take --epochs ${options.epochs}`,
      );
    }
    const begun = position.epoch + (position.names > 0 ? 1 : 0);
    if (options.epochs < begun) {
      throw new UsageError(`--resume: the run in ${options.out} has come to epoch ${begun} already`);
    }
    settings.epochs = options.epochs;
  }
  return [run, data];
}

/** Runs the epochs that are left; `false` when Ctrl-C stopped it. Saves after each epoch and when stopped. */
async function trained(
  run: Run,
  sides: Split,
  { out, device, tensorboard }: TrainOptions,
  crew: Crew,
): Promise<boolean> {
  const { settings, position, accuracies } = run.record;
  const names = sides.train.length;
  const note = (loss: number): string =>
    `epoch ${Math.min(position.epoch + 1, settings.epochs)}/${settings.epochs} · loss ${Number.isNaN(loss) ? "–" : loss.toFixed(3)}${accuracyNote(accuracies.at(-1)?.value)}`;
  const progress = startProgress(settings.epochs * names, {
    unit: "names",
    start: position.epoch * names + position.names,
    ...(crew.rank > 0 && { show: () => {} }),
  });
  const events = tensorboard === undefined || crew.rank > 0 ? undefined : new EventLog(tensorboard, run, names);
  try {
    return await interruptible((interrupted) => {
      const watcher: Watcher = {
        step: (done, loss) => progress.update(done, note(loss)),
        rest: async (counts) => {
          events?.add(counts);
          if (crew.rank === 0) await saveRun(out, run);
        },
        stopped: () => crew.sum([Number(interrupted())])[0] > 0,
      };
      return learn(run, sides, device, watcher, crew);
    }, crew.rank > 0);
  } finally {
    progress.stop();
    events?.close();
  }
}

const accuracyNote = (accuracy: number | undefined): string =>
  accuracy === undefined ? "" : ` · test ${(100 * accuracy).toFixed(1)}%`;
