import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, extname } from "node:path";
import { fileURLToPath } from "node:url";
import { isSystemError, makeFolder, reasonOf, UsageError } from "app-common";
import { io, type Tensor, tensor } from "kindling";
import sharp, { type Sharp } from "sharp";
import { checkSize, type Sized } from "./fit.js";

/** The path of a picture that the program brings. */
export const bundled = (name: string): string => fileURLToPath(new URL(`../pictures/${name}`, import.meta.url));

/** Formats that pictures are written in, by extension. */
const FORMATS: Record<string, (picture: Sharp) => Sharp> = {
  ".png": (picture) => picture.png(),
  ".jpg": (picture) => picture.jpeg({ quality: 95, chromaSubsampling: "4:4:4" }),
  ".jpeg": (picture) => picture.jpeg({ quality: 95, chromaSubsampling: "4:4:4" }),
  ".webp": (picture) => picture.webp({ quality: 95 }),
  ".tiff": (picture) => picture.tiff({ compression: "lzw" }),
  ".avif": (picture) => picture.avif({ quality: 80 }),
};

/** What sharp reads at most, in pixels. */
const MOST = 268_402_689;

/** A picture as its file holds it. */
export interface Picture extends Sized {
  readonly bytes: Uint8Array;
}

/**
 * Reads a file and looks whether it is a picture that can be worked with.
 * @throws UsageError if it is not, with the reason
 */
export async function openPicture(path: string): Promise<Picture> {
  try {
    const bytes = await readFile(path);
    const { autoOrient, width: w, height: h } = await sharp(bytes, { limitInputPixels: false }).metadata();
    const { width, height } = autoOrient ?? { width: w, height: h };
    checkSize({ path, width, height }, MOST);
    return { path, bytes, width, height };
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): unknown {
  if (error instanceof UsageError) return error;
  if (isSystemError(error)) return new UsageError(`cannot read ${path}: ${reasonOf(error)}`);
  return new UsageError(`${path} is no picture that can be read: ${(error as Error).message}`);
}

/**
 * A picture in the asked size as (1, 3, height, width), RGB from 0 to 1: upright, on white where it is transparent, whatever its
 * colour space was. A picture of another shape is cut at its edges.
 */
export async function pixelsOf({ path, bytes }: Picture, width: number, height: number): Promise<Tensor> {
  try {
    const data = await sharp(bytes)
      .autoOrient()
      .resize(width, height, { fit: "cover" })
      .flatten({ background: "white" })
      .toColourspace("srgb")
      .raw()
      .toBuffer();
    return tensor(new Uint8Array(data)).view(height, width, 3).permute(2, 0, 1).unsqueeze(0).to("float32").div(255);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** (1, 3, H, W) as sharp sees it; values beyond 0 to 1 are clamped. On the `cpu`. */
export function sharpOf(pixels: Tensor): Sharp {
  const [, channels, height, width] = pixels.shape;
  const bytes = pixels
    .mul(255)
    .round()
    .clamp(0, 255)
    .squeeze(0)
    .permute(1, 2, 0)
    .to("uint8")
    .contiguous()
    .toTypedArray();
  return sharp(bytes as Uint8Array, { raw: { width, height, channels: channels as 3 } });
}

/** Writes a picture in the format that its extension names; at every moment the file is the old one or the new one, whole. */
export async function writePicture(path: string, picture: Sharp): Promise<void> {
  await io.writeFileAtomic(path, await FORMATS[extname(path).toLowerCase()](picture).toBuffer());
}

/**
 * Sees that a picture can be written there, before there is one: better now than after the work.
 * @throws UsageError if it cannot
 */
export function prepareOutput(path: string): void {
  const extension = extname(path).toLowerCase();
  if (!(extension in FORMATS)) {
    throw new UsageError(`--out ${path}: its extension must be one of ${Object.keys(FORMATS).join(", ")}`);
  }
  makeFolder(dirname(path));
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new UsageError(`--out ${path}: it is a folder`);
}
