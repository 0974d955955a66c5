import { SummaryWriter } from "@kindling/viz";
import { nn, tensor } from "kindling";
import { type Confusion, figuresOf } from "./metrics.js";
import type { Run } from "./run.js";

/** Pixels of a cell of the confusion matrix's picture. */
const CELL = 16;

/** Writes a training's course for TensorBoard; its steps are names. */
export class EventLog {
  #writer: SummaryWriter;
  #run: Run;
  #names: number;
  /** Points of the loss curve that are written. */
  #written: number;

  /** @param names how many an epoch has */
  constructor(folder: string, run: Run, names: number) {
    this.#writer = new SummaryWriter(folder);
    this.#run = run;
    this.#names = names;
    this.#written = run.record.losses.length;
  }

  /** Adds what is new since the last time: losses, and with the test side's counts of a whole epoch its figures. */
  add(counts?: Confusion): void {
    const { record, optimizer } = this.#run;
    const names = this.#names;
    for (const { epoch, value } of record.losses.slice(this.#written)) {
      this.#writer.addScalar("loss/train", value, Math.round(epoch * names));
    }
    this.#written = record.losses.length;
    if (counts === undefined) return;
    const step = record.position.epoch * names;
    const { accuracy, macroF1 } = figuresOf(counts);
    this.#writer.addScalar("accuracy/test", accuracy, step);
    this.#writer.addScalar("f1/test", macroF1, step);
    this.#writer.addScalar("learning rate", optimizer.paramGroups[0].lr, step);
    this.#writer.addImage("confusion/test", pictureOf(counts), step);
  }

  close(): void {
    this.#writer.close();
  }
}

/** Shares of each true language's names, (1, H, W): white where all are. */
function pictureOf(counts: Confusion) {
  const shares = counts.map((row) =>
    row.map(
      (count) =>
        count /
        Math.max(
          1,
          row.reduce((a, b) => a + b),
        ),
    ),
  );
  return nn.functional.interpolate(tensor([[shares]]), { scaleFactor: CELL }).squeeze(0);
}
