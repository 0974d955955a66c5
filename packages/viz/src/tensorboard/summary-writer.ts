import { ArgumentError, isTensor, KindlingError, ShapeError, type Tensor } from "@kindling/autograd";
import { defaultFolder, openEventFile } from "#event-file";
import { pixelsOf, pngOf } from "../png.js";
import { summaryEvent, type Value, versionEvent } from "./events.js";
import { histogramOf } from "./histogram.js";
import { recordOf } from "./records.js";

/** A file that only grows. */
export interface EventFile {
  append(bytes: Uint8Array): void;
  flush(): void;
  close(): void;
}

/** How the dimensions of a picture are ordered. */
export type ImageFormat = "CHW" | "HWC" | "HW";

const now = (): number => Date.now() / 1000;

/** Numbers in a tensor or a list. */
const numbersOf = (values: Tensor | Iterable<number>): Iterable<number> =>
  isTensor(values) ? Array.from(values.detach().toTypedArray() as ArrayLike<number | bigint>, Number) : values;

/**
 * Writes event files, which TensorBoard shows (`tensorboard --logdir runs`); the methods are those of PyTorch's `torch.utils.tensorboard.SummaryWriter`.
 * Each event is in the file when the call returns: a crash loses none. In Node; a page gets a KindlingError.
 */
export class SummaryWriter {
  /** Folder of the file. */
  readonly logDir: string;
  #file: EventFile | undefined;

  /** @param logDir folder to write in, made where it is not there; one that is named by time and host unless told */
  constructor(logDir: string = defaultFolder()) {
    this.logDir = logDir;
    this.#file = openEventFile(logDir);
    this.#file.append(recordOf(versionEvent(now())));
  }

  /**
   * A number of a step: a loss, an accuracy.
   * @param tag its name; slashes group charts, as in "loss/train"
   * @param value a number, or a tensor of one element
   * @param walltime seconds since 1970; now unless told
   */
  addScalar(tag: string, value: number | Tensor, step = 0, walltime = now()): void {
    this.#add(tag, { kind: "scalar", scalar: Number(isTensor(value) ? value.item() : value) }, step, walltime);
  }

  /**
   * A picture of a step.
   * @param image (C, H, W) of 1, 3 or 4 channels, or as `format` says; floats from 0 to 1, which are clamped, or uint8
   * @throws ShapeError for other shapes
   */
  addImage(tag: string, image: Tensor, step = 0, walltime = now(), format: ImageFormat = "CHW"): void {
    if (image.ndim !== format.length) {
      throw new ShapeError(`addImage expects a picture of (${[...format].join(", ")})`, { shape: image.shape });
    }
    const picture = format === "HW" ? image.unsqueeze(0) : format === "HWC" ? image.permute(2, 0, 1) : image;
    const pixels = pixelsOf(picture);
    this.#add(tag, { kind: "image", pixels, png: pngOf(pixels) }, step, walltime);
  }

  /**
   * How values are distributed at a step: weights, gradients. NaN and infinities are left out.
   * @throws ArgumentError where no value is finite
   */
  addHistogram(tag: string, values: Tensor | Iterable<number>, step = 0, walltime = now()): void {
    this.#add(tag, { kind: "histogram", histogram: histogramOf(numbersOf(values)) }, step, walltime);
  }

  /** A text of a step, in Markdown. */
  addText(tag: string, text: string, step = 0, walltime = now()): void {
    this.#add(`${tag}/text_summary`, { kind: "text", text }, step, walltime);
  }

  /** Waits until the disk has what was written. */
  flush(): void {
    this.#open().flush();
  }

  /** Closes the file; nothing can be written after. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #open(): EventFile {
    if (this.#file === undefined) throw new KindlingError("this SummaryWriter is closed");
    return this.#file;
  }

  #add(tag: string, value: Value, step: number, walltime: number): void {
    if (!Number.isSafeInteger(step) || step < 0) throw new ArgumentError(`a step is a whole number, got ${step}`);
    this.#open().append(recordOf(summaryEvent(tag, value, step, walltime)));
  }
}
