import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { NameData } from "../src/dataset.js";
import { EventLog } from "../src/event-log.js";
import { newRun } from "../src/run.js";
import { DEFAULTS } from "../src/settings.js";

/** How often a tag stands in a file of events. */
const times = (file: Buffer, tag: string): number => file.toString("latin1").split(tag).length - 1;

test("each loss is written once, figures and the confusion matrix behind each epoch", () => {
  const folder = mkdtempSync(join(tmpdir(), "events-"));
  try {
    const data: NameData = {
      languages: ["Czech", "Dutch"],
      samples: [{ name: "Dvořák", text: "Dvorak", language: 0 }],
    };
    const run = newRun({ ...DEFAULTS, lr: 0.25 }, data, "cpu");
    run.record.losses.push({ epoch: 0.5, value: 0.7 }); // of a run that goes on
    const events = new EventLog(folder, run, 8);
    const read = (): Buffer => readFileSync(join(folder, readdirSync(folder)[0]));
    events.add();
    expect(times(read(), "loss/train")).toBe(0);
    run.record.losses.push({ epoch: 0.75, value: 0.6 }, { epoch: 1, value: 0.5 });
    run.record.position.epoch = 1;
    events.add([
      [3, 1],
      [0, 4],
    ]);
    events.add();
    const file = read();
    for (const [tag, count] of Object.entries({
      "loss/train": 2,
      "accuracy/test": 1,
      "f1/test": 1,
      "learning rate": 1,
    })) {
      expect([tag, times(file, tag)]).toEqual([tag, count]);
    }
    // two cells of 16 pixels each way
    const png = file.subarray(file.indexOf("IHDR") + 4);
    expect([png.readUInt32BE(0), png.readUInt32BE(4)]).toEqual([32, 32]);
    events.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
