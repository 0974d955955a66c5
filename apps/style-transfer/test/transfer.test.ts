import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { full, io, type Tensor } from "kindling";
import sharp from "sharp";
import { afterAll, expect, test, vi } from "vitest";
import { stagesOf } from "../src/commands/transfer.js";
import { main } from "../src/main.js";
import { Objective } from "../src/objective.js";
import { paint } from "../src/paint.js";
import { bundled, openPicture, pixelsOf } from "../src/pictures.js";
import { Vgg } from "../src/vgg.js";
import { networkFor } from "../src/weights.js";
import { pressCtrlC } from "./ctrl-c.js";
import { eventsIn } from "./event-files.js";
import { listening } from "./listening.js";

const folder = mkdtempSync(join(tmpdir(), "style-transfer-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

vi.stubEnv("XDG_CACHE_HOME", folder); // nothing has been downloaded there

const heard = listening();

/** Runs a command line with a small network of random filters; gives the exit code. */
const style = (line: string): Promise<number> =>
  main(`--size 48 --style-layers conv1_1,conv1_2 --content-layers conv1_2 ${line}`.split(" ").filter(Boolean));

const pixels = async (name: string): Promise<Buffer> => sharp(at(name)).removeAlpha().raw().toBuffer();
const sizeOf = async (name: string): Promise<number[]> => {
  const { width, height } = await sharp(at(name)).metadata();
  return [width, height];
};
const difference = (a: Buffer, b: Buffer): number => a.reduce((sum, v, i) => sum + Math.abs(v - b[i]), 0) / a.length;
const losses = (text: string): number[] => (/style (\S+) · content (\S+)/.exec(text) ?? []).slice(1).map(Number);

test("the bundled pictures give a picture of the asked size, the same for the same seed, and the style's loss falls", async () => {
  expect(await style(`--style-weight 1e6 --steps 1 --out ${at("first.png")}`)).toBe(0);
  const [before] = losses(heard.said);
  expect(heard.said).toContain("this is the fallback");
  heard.said = "";
  expect(await style(`--style-weight 1e6 --steps 50 --out ${at("a.png")}`)).toBe(0);
  expect(heard.said).toMatch(/a\.png: 48 × 36, 50 steps in /);
  expect(losses(heard.said)[0]).toBeLessThan(before / 100);
  expect(await sizeOf("a.png")).toEqual([48, 36]);
  expect(await style(`--style-weight 1e6 --steps 50 --out ${at("b.png")}`)).toBe(0);
  expect(readFileSync(at("b.png")).equals(readFileSync(at("a.png")))).toBe(true);
  expect(await style(`--style-weight 1e6 --steps 50 --seed 1 --out ${at("c.png")}`)).toBe(0);
  expect(readFileSync(at("c.png")).equals(readFileSync(at("a.png")))).toBe(false);
});

test("a start from noise, from the style; Adam; several styles; smoothing; a pyramid; other formats", async () => {
  const files = `--content ${bundled("valley.jpg")} --style ${bundled("swirls.jpg")} ${bundled("shards.jpg")}`;
  for (const [i, more] of [
    "--init noise --optimizer adam --lr 0.1",
    "--init style --blend 1 3",
    "--tv-weight 1000",
    "--pyramid --size 128 --steps 4",
  ].entries()) {
    expect(await style(`${files} --steps 6 --out ${at(`v${i}.jpg`)} ${more}`)).toBe(0);
  }
  expect(await sizeOf("v0.jpg")).toEqual([48, 36]);
  expect(await sizeOf("v3.jpg")).toEqual([128, 96]);
  expect(heard.said).toContain("128 × 96, 6 steps in"); // 4 at 64, 2 at 128
  const [noise, fromStyle, smooth] = await Promise.all(["v0.jpg", "v1.jpg", "v2.jpg"].map(pixels));
  expect(difference(noise, fromStyle)).toBeGreaterThan(5);
  expect(difference(fromStyle, smooth)).toBeGreaterThan(5);
});

test("a pyramid paints the small picture longest", () => {
  expect(stagesOf({ size: 256, steps: 300, pyramid: true })).toEqual([
    { size: 64, steps: 300 },
    { size: 128, steps: 150 },
    { size: 256, steps: 75 },
  ]);
  expect(stagesOf({ size: 256, steps: 300, pyramid: false })).toEqual([{ size: 256, steps: 300 }]);
});

test("on a level of a pyramid no step of LBFGS goes far", async () => {
  const names = ["conv1_1", "conv1_2"];
  const { vgg } = await networkFor(names, { seed: 1, device: "cpu", download: false }, () => {});
  const [content, example] = await Promise.all(
    ["valley.jpg", "shards.jpg"].map(async (name) => pixelsOf(await openPicture(bundled(name)), 64, 48)),
  );
  const weights = { styleWeight: 1e5, contentWeight: 1, tvWeight: 0, blend: [1] };
  const objective = new Objective(vgg, content, [example], { ...weights, styleLayers: names, contentLayers: names });
  const farthest = async (pyramid: boolean): Promise<number> => {
    let far = 0;
    let last = content;
    await paint(content, objective, { optimizer: "lbfgs", lr: 1, steps: 12, pyramid }, async (_, losses, picture) => {
      far = Math.max(far, picture.sub(last).abs().mean().item() as number);
      last = picture;
      return losses.style > 0;
    });
    return far;
  };
  expect(await farthest(true)).toBeLessThan(0.0201);
  expect(await farthest(false)).toBeGreaterThan(0.03);
});

test("colours can be kept; pictures on the way, a sheet and a plot are written on request", async () => {
  const line = `--steps 5 --preserve-color --save-every 2 --sheet --plot --out ${at("kept.png")}`;
  expect(await style(line)).toBe(0);
  expect(
    readdirSync(folder)
      .filter((name) => name.startsWith("kept"))
      .sort(),
  ).toEqual(["kept-0002.png", "kept-0004.png", "kept-loss.png", "kept-sheet.png", "kept.png"]);
  const [width, height] = await sizeOf("kept-sheet.png");
  expect([width, height]).toEqual([48 * 3 + 8 * 4, 36 + 2 * 8]);
  const [r, , b] = await pixels("kept.png"); // the sky above is blue, the style's too; red less blue stays as it was
  const [r0, , b0] = await sharp(bundled("valley.jpg")).resize(48, 36).raw().toBuffer();
  expect(Math.abs(r - b - (r0 - b0))).toBeLessThan(4);
});

test("Ctrl-C writes the picture so far", async () => {
  pressCtrlC();
  expect(await style(`--steps 100000 --out ${at("stopped.png")} --tensorboard ${at("events")}`)).toBe(130);
  expect(heard.said).toMatch(/Stopped; the picture so far is written\. .*stopped\.png: 48 × 36, \d+ steps/);
  expect(await sizeOf("stopped.png")).toEqual([48, 36]);
  const { count, pictures } = eventsIn(at("events"));
  expect(count("loss/style")).toBe(Number(/ (\d+) steps/.exec(heard.said)?.[1]));
  expect(pictures).toEqual([[48, 36]]);
});

test("mistakes end with exit code 2, and nothing is overwritten", async () => {
  const old = "an older picture";
  writeFileSync(at("old.png"), old);
  writeFileSync(at("text.jpg"), "This is no picture.");
  const state = new Vgg(["conv1_2"]).stateDict() as Record<string, Tensor>;
  await io.save({ ...state, "features.0.bias": full([64], Number.NaN) }, at("nan.safetensors"));
  for (const [line, reason] of [
    [`--content ${at("text.jpg")}`, "is no picture that can be read"],
    [`--style ${at("text.jpg")}`, "is no picture that can be read"],
    [`--weights ${at("nan.safetensors")}`, "the loss is no longer a number at step 1"],
    ["--device abacus", "--device: "],
    ["--size 16", "would become 16 × 12 pixels"],
  ]) {
    heard.said = "";
    expect(await style(`--steps 2 --sheet --out ${at("old.png")} ${line}`)).toBe(2);
    expect(heard.said).toContain(reason);
  }
  expect(readFileSync(at("old.png"), "utf8")).toBe(old);
  expect(existsSync(at("old-sheet.png"))).toBe(false);
  writeFileSync(at("in.jpg"), readFileSync(bundled("valley.jpg")));
  expect(await style(`--content ${at("in.jpg")} --out ${at("in.jpg")}`)).toBe(2);
  expect(heard.said).toContain("is one of the pictures to read");
});
