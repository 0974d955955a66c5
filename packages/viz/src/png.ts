import { ArgumentError, ShapeError, type Tensor } from "@kindling/autograd";
import { encode } from "fast-png";

/** A picture's samples, row by row, the channels of a pixel side by side. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/**
 * The pixels of a picture (C, H, W) of 1 (grey), 3 (RGB) or 4 (RGBA) channels: floats from 0 to 1, which are clamped, or uint8.
 * @throws ShapeError for other shapes
 */
export function pixelsOf(image: Tensor): Pixels {
  const [channels, height, width] = image.shape;
  if (image.ndim !== 3 || ![1, 3, 4].includes(channels) || height === 0 || width === 0) {
    throw new ShapeError("expected a picture of (C, H, W) with 1, 3 or 4 channels", { shape: image.shape });
  }
  const samples = image.detach().permute(1, 2, 0).contiguous();
  return { data: bytesOf(samples), width, height, channels };
}

function bytesOf(samples: Tensor): Uint8Array {
  if (samples.dtype === "uint8") return samples.toTypedArray() as Uint8Array;
  if (samples.dtype === "bool") return (samples.toTypedArray() as Uint8Array).map((on) => (on ? 255 : 0));
  if (!samples.isFloatingPoint()) {
    throw new ArgumentError(`expected a picture of floats from 0 to 1 or of uint8, got ${samples.dtype}`);
  }
  // Clamping and rounding in one: NaN is black.
  return Uint8Array.from(Uint8ClampedArray.from(samples.toTypedArray() as Float32Array, (value) => value * 255));
}

export const pngOf = (pixels: Pixels): Uint8Array => encode({ ...pixels, depth: 8 });

/** For `href` in a document. */
export function dataUrl(png: Uint8Array): string {
  let text = "";
  for (let i = 0; i < png.length; i += 8192) text += String.fromCharCode(...png.subarray(i, i + 8192));
  return `data:image/png;base64,${btoa(text)}`;
}
