import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rand, tensor } from "@kindling/autograd";
import { PbfReader } from "pbf";
import { afterAll, beforeAll, expect, it } from "vitest";
import { SummaryWriter } from "../src/index.js";
import { maskedCrc } from "../src/tensorboard/records.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tensorboard-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The data of a file's records; their checksums must hold. */
function recordsOf(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const records: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(view.getBigUint64(at, true));
    expect(view.getUint32(at + 8, true)).toBe(maskedCrc(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(view.getUint32(at + 12 + length, true)).toBe(maskedCrc(data));
    records.push(data);
    at += 16 + length;
  }
  return records;
}

it("writes every event at once", () => {
  const writer = new SummaryWriter(join(folder, "run"));
  writer.addScalar("loss/train", 0.5, 1, 1_700_000_000);
  writer.addScalar("loss/train", tensor([0.25]), 2);
  writer.addHistogram("weights", rand(100), 1);
  writer.addImage("picture", rand(3, 4, 5), 1);
  writer.addImage("grey", rand(4, 5), 1, undefined, "HW");
  writer.addImage("last", rand(4, 5, 4), 1, undefined, "HWC");
  writer.addText("note", "Grüße, *world*", 3);
  const [name] = readdirSync(writer.logDir);
  expect(name).toMatch(/^events\.out\.tfevents\.\d+\./);
  const path = join(writer.logDir, name);
  const records = recordsOf(readFileSync(path)); // before it is closed
  expect(records).toHaveLength(8);
  const first = new PbfReader(records[1]).readFields((tag, result: Record<number, number>, reader) => {
    if (tag === 1) result[1] = reader.readDouble();
    if (tag === 2) result[2] = reader.readVarint();
  }, {});
  expect(first).toEqual({ 1: 1_700_000_000, 2: 1 });
  writer.flush();
  const size = statSync(path).size;
  for (const wrong of [
    () => writer.addScalar("loss", 1, -1),
    () => writer.addScalar("loss", 1, 0.5),
    () => writer.addScalar("loss", rand(2), 1),
    () => writer.addImage("picture", rand(2, 4, 5)),
    () => writer.addImage("picture", rand(4, 5)),
    () => writer.addHistogram("weights", []),
  ]) {
    expect(wrong).toThrow();
  }
  expect(statSync(path).size).toBe(size);
  writer.close();
  expect(() => writer.addScalar("loss", 1)).toThrow("this SummaryWriter is closed");
});

/** Reads with TensorBoard's own accumulator what a folder holds. */
const program = `
import sys, json
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator, HISTOGRAMS
events = EventAccumulator(sys.argv[1], size_guidance={}); events.Reload()
image = events.Images("picture")[0]
histogram = events.Histograms("weights")[0].histogram_value
text = events.Tensors("note/text_summary")[0]
print(json.dumps([[(e.step, e.value) for e in events.Scalars("loss/train")], [image.width, image.height, image.encoded_image_string[:4].hex()],
  [histogram.num, sum(histogram.bucket)], [text.step, text.tensor_proto.string_val[0].decode()]]))
`;
const python = process.env.TENSORBOARD_PYTHON ?? "python3";
const hasTensorBoard =
  spawnSync(python, ["-c", "import tensorboard.backend.event_processing.event_accumulator"]).status === 0;

it.skipIf(!hasTensorBoard)("TensorBoard's own reader finds it all", () => {
  const { stdout, stderr } = spawnSync(python, ["-c", program, join(folder, "run")], { encoding: "utf8" });
  expect(stderr).not.toContain("Traceback");
  expect(JSON.parse(stdout)).toEqual([
    [
      [1, 0.5],
      [2, 0.25],
    ],
    [5, 4, "89504e47"],
    [100, 100],
    [3, "Grüße, *world*"],
  ]);
});
