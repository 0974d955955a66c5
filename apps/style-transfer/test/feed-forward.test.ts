import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { io, manualSeed, noGrad, rand, type Tensor, zeros } from "kindling";
import sharp from "sharp";
import { afterAll, expect, test, vi } from "vitest";
import { loadNet } from "../src/checkpoint.js";
import { main } from "../src/main.js";
import { bundled } from "../src/pictures.js";
import { TransformNet } from "../src/transform-net.js";
import { pressCtrlC } from "./ctrl-c.js";
import { eventsIn } from "./event-files.js";
import { listening } from "./listening.js";

const folder = mkdtempSync(join(tmpdir(), "style-feed-forward-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
vi.stubEnv("XDG_CACHE_HOME", folder); // nothing has been downloaded there

const heard = listening();

const style = (line: string): Promise<number> => main(line.split(" ").filter(Boolean));
const train = (line: string): Promise<number> =>
  style(`train --size 32 --width 8 --lr 0.01 --style-layers conv1_1,conv1_2 --content-layers conv1_2 ${line}`);
const styleLoss = (): number => Number(/style (\S+) ·/.exec(heard.said)?.[1]);

test("a painting has its picture's size, odd ones too, and values from 0 to 1", () => {
  manualSeed(1);
  const net = new TransformNet(4);
  for (const [height, width] of [
    [32, 32],
    [17, 30],
  ]) {
    const painted = noGrad(() => net.forward(rand(2, 3, height, width)));
    expect(painted.shape).toEqual([2, 3, height, width]);
    expect((painted.min().item() as number) >= 0 && (painted.max().item() as number) <= 1).toBe(true);
  }
});

test("a net learns on the bundled pictures, and paints", async () => {
  expect(await train(`--steps 1 --out ${at("first.safetensors")}`)).toBe(0);
  const before = styleLoss();
  heard.said = "";
  expect(await train(`--steps 60 --out ${at("net.safetensors")}`)).toBe(0);
  expect(styleLoss()).toBeLessThan(before / 10);
  expect(await train(`--steps 1 --out ${at("again.safetensors")}`)).toBe(0);
  expect(readFileSync(at("again.safetensors")).equals(readFileSync(at("first.safetensors")))).toBe(true);

  const line = `apply --model ${at("net.safetensors")} --content ${bundled("valley.jpg")}`;
  expect(await style(`${line} --size 65 --out ${at("painted.png")}`)).toBe(0);
  const { width, height } = await sharp(at("painted.png")).metadata();
  expect([width, height]).toEqual([65, 49]);
  expect(await style(`${line} --size 32 --preserve-color --out ${at("kept.webp")}`)).toBe(0);
});

test("Ctrl-C writes what has been learnt", async () => {
  pressCtrlC();
  const line = `--steps 1000000 --out ${at("stopped.safetensors")} --tensorboard ${at("events")}`;
  expect(await train(line)).toBe(130);
  expect(heard.said).toContain("Stopped; what it has learnt is written.");
  expect(await loadNet(at("stopped.safetensors"))).toBeInstanceOf(TransformNet);
  const steps = Number(/: (\d+) steps in/.exec(heard.said)?.[1]);
  const { count, pictures } = eventsIn(at("events"));
  expect([count("loss/style"), count("loss/content"), count("loss/tv")]).toEqual([steps, steps, 0]);
  expect([count("learning rate"), count("picture"), pictures]).toEqual([1, 1, [[32, 32]]]);
});

test("a training that was stopped goes on to the same numbers, and then for longer", async () => {
  const files = (name: string): Buffer[] =>
    [`${name}.safetensors`, `${name}.training.safetensors`].map((file) => readFileSync(at(file)));
  expect(await train(`--steps 9 --batch 3 --out ${at("whole.safetensors")}`)).toBe(0);
  expect(await train(`--steps 2 --batch 3 --out ${at("parts.safetensors")}`)).toBe(0);
  heard.said = "";
  expect(await style(`train --resume --steps 3 --out ${at("parts.safetensors")}`)).toBe(0);
  expect(heard.said).toContain("parts.safetensors: 1 steps in");
  pressCtrlC();
  expect(await style(`train --resume --steps 1000000 --out ${at("parts.safetensors")}`)).toBe(130);
  expect(heard.said).toContain(`Go on with: npm run style -- train --resume --out ${at("parts.safetensors")}`);
  expect(await style(`train --resume --steps 9 --out ${at("parts.safetensors")}`)).toBe(0);
  expect(files("parts")[0].equals(files("whole")[0])).toBe(true);
  expect(files("parts")[1].equals(files("whole")[1])).toBe(true);
});

test("nothing goes on that is not as it was, and nothing is lost by trying", async () => {
  const out = at("begun.safetensors");
  mkdirSync(at("pictures"));
  await sharp({ create: { width: 40, height: 40, channels: 3, background: "teal" } }).toFile(at("pictures/a.png"));
  expect(await train(`--steps 1 --out ${out} --save-every 1 --batch 1 --data ${at("pictures")}`)).toBe(0);
  const before = readFileSync(at("begun.training.safetensors"));
  await io.saveSafetensors({}, at("foreign.training.safetensors"), { metadata: { format: "something else" } });
  writeFileSync(at("cut.training.safetensors"), before.subarray(0, before.length / 2));
  for (const [line, reason] of [
    [`--out ${out}`, "has come to step 1; ask for more (--steps)"],
    [`--steps 2 --width 4 --out ${out}`, "has --width 8, not 4"],
    [`--steps 2 --style-layers conv1_1 --out ${out}`, "has --style-layers conv1_1,conv1_2, not conv1_1"],
    [`--steps 2 --data ${bundled("")} --out ${out}`, "are not those that the training"],
    [`--steps 2 --style ${bundled("valley.jpg")} --out ${out}`, "valley.jpg is not the one that the training"],
    [`--steps 2 --out ${at("nothing.safetensors")}`, "there is no"],
    [`--steps 2 --out ${at("foreign.safetensors")}`, "is no training of this program: something else"],
    [`--steps 2 --out ${at("cut.safetensors")}`, "cannot use the training"],
  ]) {
    heard.said = "";
    expect(await style(`train --resume ${line}`)).toBe(2);
    expect(heard.said).toContain(reason);
  }
  expect(readFileSync(at("begun.training.safetensors")).equals(before)).toBe(true);
});

test("mistakes end with exit code 2, and nothing is overwritten", async () => {
  const old = "an older net";
  writeFileSync(at("old.safetensors"), old);
  writeFileSync(at("old.png"), old);
  mkdirSync(at("empty"));
  mkdirSync(at("bad"));
  writeFileSync(at("bad/text.jpg"), "This is no picture.");
  const weights = at("other.safetensors");
  await io.save({ "first.weight": zeros(2, 2) }, weights);
  const part = new TransformNet(4).stateDict() as Record<string, Tensor>;
  await io.saveSafetensors(part, at("wide.safetensors"), {
    metadata: { format: "kindling style-transfer 1", width: "8" },
  });
  const out = `--steps 1 --out ${at("old.safetensors")}`;
  for (const [line, reason] of [
    [`--data ${at("empty")} ${out}`, "empty holds no pictures"],
    [`--data ${at("nowhere")} ${out}`, "nowhere: there is no such file or folder"],
    [`--data ${at("bad")} ${out}`, "is no picture that can be read"],
    [`--weights ${weights} ${out}`, "holds no weights of VGG19"],
    [`--out ${at("net.pth")}`, "its extension must be .safetensors"],
  ]) {
    heard.said = "";
    expect(await train(line)).toBe(2);
    expect(heard.said).toContain(reason);
  }
  for (const [model, reason] of [
    [weights, "is no model of this program"],
    [at("wide.safetensors"), "cannot use the model"],
    [at("old.safetensors"), "cannot use the model"],
    [at("nowhere.safetensors"), "there is no such file"],
  ]) {
    heard.said = "";
    expect(await style(`apply --model ${model} --out ${at("old.png")}`)).toBe(2);
    expect(heard.said).toContain(reason);
  }
  expect(readFileSync(at("old.safetensors"), "utf8")).toBe(old);
  expect(readFileSync(at("old.png"), "utf8")).toBe(old);
});
