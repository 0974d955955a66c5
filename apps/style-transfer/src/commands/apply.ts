import { resolve } from "node:path";
import { openDevice, UsageError } from "app-common";
import { noGrad } from "kindling";
import type { ApplyOptions } from "../args.js";
import { loadNet } from "../checkpoint.js";
import { inColorsOf } from "../color.js";
import { fitted } from "../fit.js";
import { bundled, openPicture, pixelsOf, prepareOutput, sharpOf, writePicture } from "../pictures.js";

/** Paints a picture with a net that `train` wrote. */
export async function apply(options: ApplyOptions): Promise<void> {
  const picture = await openPicture(options.content ?? bundled("valley.jpg"));
  if (resolve(picture.path) === resolve(options.out))
    throw new UsageError(`--out ${options.out} is the picture to read`);
  const [width, height] = fitted(picture, options.size);
  prepareOutput(options.out);
  options.device = await openDevice(options.device);
  const net = (await loadNet(options.model)).to(options.device);
  const content = await pixelsOf(picture, width, height);
  const painted = await noGrad(() => net.forward(content.to(options.device))).cpu();
  await writePicture(options.out, sharpOf(options.preserveColor ? inColorsOf(content, painted) : painted));
  console.log(`${options.out}: ${width} × ${height}`);
}
