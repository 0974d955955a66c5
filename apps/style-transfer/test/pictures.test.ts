import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import type { Tensor } from "kindling";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { inColorsOf } from "../src/color.js";
import { fitted } from "../src/fit.js";
import { openPicture, pixelsOf, prepareOutput, sharpOf, writePicture } from "../src/pictures.js";

const folder = mkdtempSync(join(tmpdir(), "style-pictures-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

/** A picture of one colour, red on its left half. */
const halves = (width = 32, height = 16, background = "#0000ff") =>
  sharp({ create: { width, height, channels: 3, background } }).composite([
    { input: { create: { width: width / 2, height, channels: 3, background: "#ff0000" } }, left: 0, top: 0 },
  ]);

async function read(name: string): Promise<Tensor> {
  const picture = await openPicture(at(name));
  return pixelsOf(picture, picture.width, picture.height);
}

const pixel = (x: Tensor, row: number, column: number): number[] => x.at(0, ":", row, column).tolist() as number[];

test("pixels are RGB from 0 to 1, whatever the format, and survive a way through a PNG", async () => {
  for (const format of ["png", "webp", "tiff", "gif"] as const) {
    await halves()
      .toFormat(format, { lossless: true })
      .toFile(at(`halves.${format}`));
    const x = await read(`halves.${format}`);
    expect(x.shape).toEqual([1, 3, 16, 32]);
    const seen = [...pixel(x, 0, 0), ...pixel(x, 15, 31)];
    for (const [i, value] of [1, 0, 0, 0, 0, 1].entries()) expect(Math.abs(seen[i] - value)).toBeLessThan(0.01);
    await writePicture(at("again.png"), sharpOf(x));
    expect((await read("again.png")).equal(x)).toBe(true);
  }
});

test("a picture is turned as its camera says", async () => {
  await halves()
    .jpeg({ quality: 100, chromaSubsampling: "4:4:4" })
    .withMetadata({ orientation: 6 })
    .toFile(at("turned.jpg"));
  const picture = await openPicture(at("turned.jpg"));
  expect([picture.width, picture.height]).toEqual([16, 32]);
  const x = await read("turned.jpg");
  expect(pixel(x, 2, 8)[0]).toBeGreaterThan(0.95); // what was left is above
  expect(pixel(x, 29, 8)[2]).toBeGreaterThan(0.95);
});

test("what is transparent is white; grey, 16-bit and CMYK pictures become RGB", async () => {
  await sharp({ create: { width: 16, height: 16, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0.5 } } })
    .png()
    .toFile(at("half.png"));
  const [r, g, b] = pixel(await read("half.png"), 8, 8);
  expect(r).toBeCloseTo(1, 2);
  expect(g).toBeCloseTo(0.5, 2);
  expect(b).toBeCloseTo(0.5, 2);

  await sharp({ create: { width: 16, height: 16, channels: 3, background: "#808080" } })
    .toColourspace("b-w")
    .png()
    .toFile(at("grey.png"));
  for (const value of pixel(await read("grey.png"), 8, 8)) expect(value).toBeCloseTo(128 / 255, 2);

  await halves().toColourspace("rgb16").png().toFile(at("deep.png"));
  expect(pixel(await read("deep.png"), 8, 8)).toEqual([1, 0, 0]);

  await halves(32, 32, "#2060c0").toColourspace("cmyk").jpeg({ quality: 100 }).toFile(at("print.jpg"));
  expect((await sharp(at("print.jpg")).metadata()).space).toBe("cmyk");
  const printed = await read("print.jpg");
  expect(printed.shape).toEqual([1, 3, 32, 32]);
  const [left, right] = [pixel(printed, 16, 6), pixel(printed, 16, 26)];
  expect(left[0]).toBeGreaterThan(2 * left[2]);
  expect(right[2]).toBeGreaterThan(2 * right[0]);
});

test("the longer side has the asked size", async () => {
  await halves(100, 50).png().toFile(at("wide.png"));
  const picture = await openPicture(at("wide.png"));
  expect(fitted(picture, 64)).toEqual([64, 32]);
  expect((await pixelsOf(picture, 64, 32)).shape).toEqual([1, 3, 32, 64]);
  expect(() => fitted(picture, 20)).toThrow(`at size 20 ${at("wide.png")} would become 20 × 10 pixels`);
});

/** The head of a PNG, and no pixels. */
function pngOfSize(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const head = Buffer.alloc(4);
    const tail = Buffer.alloc(4);
    head.writeUInt32BE(data.length);
    tail.writeUInt32BE(crc32(body) >>> 0);
    return Buffer.concat([head, body, tail]);
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.alloc(8))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

test("what is no usable picture is refused with a reason", async () => {
  writeFileSync(at("text.jpg"), "This is no picture.");
  await expect(openPicture(at("text.jpg"))).rejects.toThrow(
    /text\.jpg is no picture that can be read: .*unsupported image format/,
  );
  await expect(openPicture(at("missing.jpg"))).rejects.toThrow(
    /cannot read .*missing\.jpg: there is no such file or folder/,
  );
  await expect(openPicture(folder)).rejects.toThrow(/it is a folder, not a file/);
  await sharp({ create: { width: 1, height: 1, channels: 3, background: "red" } })
    .png()
    .toFile(at("dot.png"));
  await expect(openPicture(at("dot.png"))).rejects.toThrow(/dot\.png has 1 × 1 pixels: it takes at least 16 each way/);
  writeFileSync(at("huge.png"), pngOfSize(20_000, 20_000));
  await expect(openPicture(at("huge.png"))).rejects.toThrow(/has 20000 × 20000 pixels, more than 268 million/);
  const cut = await halves(64, 64).jpeg().toBuffer();
  writeFileSync(at("cut.jpg"), cut.subarray(0, cut.length / 2));
  await expect(read("cut.jpg")).rejects.toThrow(/cut\.jpg is no picture that can be read/);
});

test("a place that cannot be written to is refused before the work", () => {
  expect(() => prepareOutput(at("out.bmp"))).toThrow("its extension must be one of .png, .jpg");
  expect(() => prepareOutput("out")).toThrow("its extension must be one of");
  writeFileSync(at("file"), "");
  expect(() => prepareOutput(join(at("file"), "out.png"))).toThrow("cannot write to the folder");
  prepareOutput(at("new/folder/out.png"));
  mkdirSync(at("folder.png"));
  expect(() => prepareOutput(at("folder.png"))).toThrow("it is a folder");
});

test("colours are the content's, brightness is the painting's", async () => {
  const [content, painting] = ["#6040a0", "#808080"].map((background) =>
    sharp({ create: { width: 16, height: 16, channels: 3, background } }),
  );
  await content.png().toFile(at("content.png"));
  await painting.png().toFile(at("painting.png"));
  const [r, g, b] = pixel(inColorsOf(await read("content.png"), await read("painting.png")), 0, 0);
  expect(0.299 * r + 0.587 * g + 0.114 * b).toBeCloseTo(128 / 255, 5);
  expect(r - g).toBeCloseTo(32 / 255, 5);
  expect(b - g).toBeCloseTo(96 / 255, 5);
});
