import { breathe, serve } from "app-common/web/worker";
import { init, io, setNumThreads } from "kindling";
import { normalise } from "../src/alphabet.js";
import { learn } from "../src/learn.js";
import type { Confusion } from "../src/metrics.js";
import { checkpointOf, fingerprint, newRun, type Run, type RunRecord, readRun, sidesOf } from "../src/run.js";
import type { Settings } from "../src/settings.js";
import { confusion, logProbabilities } from "../src/training.js";
import { bundledNames } from "./bundled-names.js";
import { threads } from "./threads.js";

/*
 * All tensors live here, beside the page: it asks by the methods at the end, and draws what they give. One run is open at a time.
 */

/** A run as the page shows it. */
export interface Overview extends Omit<RunRecord, "dataSha256"> {
  parameters: number;
  /** Names of the two sides; absent where the run was trained on other names than those of the page. */
  sides?: { train: number; test: number };
  /** Counts of the test side by [true][predicted] language, as of the last whole epoch. */
  counts?: Confusion;
  /** Training names a second, while it trains. */
  speed?: number;
}

/** What the network thinks of a name, letter by letter. */
export interface Reading {
  /** The name in the network's alphabet. */
  text: string;
  /** Probabilities of the languages behind each letter, shape (letters, languages). */
  probabilities: number[][];
}

/** Milliseconds from one report to the page to the next, and from one look at its messages to the next. */
const REPORT = 250;
const BREATH = 25;

setNumThreads(threads());

const data = bundledNames();
const sha256 = fingerprint(data);

let run: Run;
let device = "cpu";
let counts: Confusion | undefined;
let stopped = false;

const ownNames = (): boolean => run.record.dataSha256 === sha256;

function overview(speed?: number): Overview {
  const { dataSha256: _, ...record } = run.record;
  const shown: Overview = { ...record, parameters: run.model.parameters().reduce((n, p) => n + p.numel(), 0) };
  if (ownNames()) {
    const { train, test } = sidesOf(data, record.settings);
    shown.sides = { train: train.length, test: test.length };
  }
  if (counts) shown.counts = counts;
  if (speed !== undefined) shown.speed = speed;
  return shown;
}

/** Brings the run to a device, as its checkpoint would bring it to another machine. */
async function bringTo(next: string): Promise<void> {
  if (next === device) return;
  await init(next);
  const { tensors, metadata } = await checkpointOf(run);
  run = await readRun(new Blob([io.serialize(tensors, { metadata })]), "run", next);
  device = next;
}

const methods = {
  /** Opens a checkpoint, of this page or of the command line. The open run stays where it cannot be read. */
  async open(file: Blob, name: string): Promise<Overview> {
    run = await readRun(file, name);
    device = "cpu";
    counts = undefined;
    if (ownNames()) {
      const { test } = sidesOf(data, run.record.settings);
      counts = await confusion(run.model, test, data.languages.length, device);
    }
    return overview();
  },

  /** Begins a new run; nothing is learnt yet. */
  async begin(settings: Settings): Promise<Overview> {
    run = newRun(settings, data, "cpu");
    device = "cpu";
    counts = undefined;
    return overview();
  },

  /** Trains the open run to its end, or until `pause`. */
  async train(on: string, report: (now: Overview) => void): Promise<Overview> {
    await bringTo(on);
    stopped = false;
    const sides = sidesOf(data, run.record.settings);
    const start = performance.now();
    let first: number | undefined;
    let [reported, breath] = [start, start];
    await learn(run, sides, device, {
      async step(done) {
        const now = performance.now();
        first ??= done;
        if (now - reported >= REPORT) {
          reported = now;
          report(overview((done - first) / ((now - start) / 1000)));
        }
        if (now - breath < BREATH) return;
        await breathe();
        breath = performance.now();
      },
      async rest(fresh) {
        counts = fresh ?? counts;
      },
      stopped: () => stopped,
    });
    return overview();
  },

  async pause(): Promise<void> {
    stopped = true;
  },

  /** The open run as a file that the command line reads too. */
  async save(): Promise<Uint8Array<ArrayBuffer>> {
    const { tensors, metadata } = await checkpointOf(run);
    return io.serialize(tensors, { metadata });
  },

  /** Reads a name, one letter more at a time. */
  async read(name: string): Promise<Reading> {
    const text = normalise(name.trim());
    if (text === "") return { text, probabilities: [] };
    const beginnings = Array.from(text, (_, i) => text.slice(0, i + 1));
    const scores = await logProbabilities(run.model, beginnings, device);
    return { text, probabilities: scores.exp().tolist() as number[][] };
  },
};

export type NamesWorker = typeof methods;
serve(methods);
