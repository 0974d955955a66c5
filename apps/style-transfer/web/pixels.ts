import { UsageError } from "app-common/errors";
import { type Tensor, tensor } from "kindling";
import { fitted } from "../src/fit.js";
import { unreadable } from "./picture-file.js";

/**
 * Decodes a picture's file, upright, and shrinks it where its longer side is longer than `longest`.
 * @throws UsageError for what the browser cannot read
 */
export async function decode(file: Blob, path: string, longest: number): Promise<ImageBitmap> {
  let whole: ImageBitmap;
  try {
    whole = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new UsageError(unreadable(path));
  }
  const { width, height } = whole;
  if (Math.max(width, height) <= longest) return whole;
  try {
    return await resized(whole, ...fitted({ path, width, height }, longest));
  } finally {
    whole.close();
  }
}

const resized = (picture: ImageBitmap, resizeWidth: number, resizeHeight: number): Promise<ImageBitmap> =>
  createImageBitmap(picture, { resizeWidth, resizeHeight, resizeQuality: "high" });

/** A picture in the asked size as (1, 3, height, width), RGB from 0 to 1: on white where it is transparent. */
export async function pixelsOf(picture: ImageBitmap, width: number, height: number): Promise<Tensor> {
  const { context } = surface(width, height);
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  const fit = await resized(picture, width, height);
  context.drawImage(fit, 0, 0);
  fit.close();
  const rgba = new Uint8Array(context.getImageData(0, 0, width, height).data);
  return tensor(rgba).view(height, width, 4).permute(2, 0, 1).at(":3").unsqueeze(0).to("float32").div(255);
}

/** (1, 3, H, W) on the `cpu` as something to draw or to write; values beyond 0 to 1 are clamped. */
export function canvasOf(pixels: Tensor): OffscreenCanvas {
  const [height, width] = pixels.shape.slice(2);
  const planes = pixels.toTypedArray() as Float32Array;
  const image = new ImageData(width, height);
  const count = width * height;
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = planes[c * count + i] * 255; // the array rounds and clamps
    image.data[4 * i + 3] = 255;
  }
  const { canvas, context } = surface(width, height);
  context.putImageData(image, 0, 0);
  return canvas;
}

function surface(width: number, height: number) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("this browser gives its workers no canvas to read pictures with");
  return { canvas, context };
}
