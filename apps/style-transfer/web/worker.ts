import { UsageError } from "app-common/errors";
import { breathe, handOver, serve } from "app-common/web/worker";
import { DeviceError, init, nn, type Tensor } from "kindling";
import { fitted } from "../src/fit.js";
import { CONTENT_LAYERS, STYLE_LAYERS } from "../src/layers.js";
import { Objective } from "../src/objective.js";
import { type Losses, type Stroke, strokes } from "../src/paint.js";
import { Vgg } from "../src/vgg.js";
import { randomVgg, vggFrom } from "../src/vgg-weights.js";
import { canvasOf, decode, pixelsOf } from "./pixels.js";
import { LARGEST } from "./settings.js";

/*
 * All tensors live here, beside the page: it asks by the methods at the end, and draws what they give. One painting is under way at a time;
 * it rests where it was stopped, with all that LBFGS has learnt of it.
 */

export type Part = "content" | "style";

/** How to paint, and how far. */
export interface Job {
  /** Pixels of the longer side. */
  size: number;
  styleWeight: number;
  contentWeight: number;
  /** As `init` knows it. */
  device: string;
  /** Whether the painting on the easel goes on; otherwise a new one begins, from the content. */
  goOn: boolean;
  /** The step to stop at, counted from the painting's beginning. */
  until: number;
}

export interface Report {
  /** Steps of this painting so far. */
  step: number;
  /** Before the last step. */
  losses: Losses;
  picture: ImageBitmap;
  /** Of one step, on average since the painting began or went on. */
  seconds: number;
}

const LAYERS = [...STYLE_LAYERS, ...CONTENT_LAYERS];
/** Of the random filters; the command line's. */
const SEED = 2024;
/** Milliseconds from one picture for the page to the next. */
const REPORT = 100;

const pictures = new Map<Part, { name: string; bitmap: ImageBitmap }>();
/** What a file gave; filters are random where there is none. */
let state: Record<string, Tensor> | undefined;
/** Counts what was opened, so that a painting knows whether it still is of that. */
let opened = 0;

let painting: { of: string; strokes: AsyncGenerator<Stroke, never, void> } | undefined;
/** (1, 3, H, W) on the `cpu`: what the page shows. */
let result: Tensor | undefined;
let steps = 0;
let stopped = false;

async function pixels(part: Part, size: number): Promise<Tensor> {
  const picture = pictures.get(part);
  if (picture === undefined) throw new UsageError(`there is no ${part} picture yet`);
  const { name, bitmap } = picture;
  return pixelsOf(bitmap, ...fitted({ path: name, width: bitmap.width, height: bitmap.height }, size));
}

function network(device: string): Vgg {
  if (state === undefined) return randomVgg(LAYERS, SEED).to(device);
  const vgg = new Vgg(LAYERS);
  vgg.loadStateDict(state);
  return vgg.to(device);
}

/** Puts on the easel what a job asks for, if it is not there already. */
async function prepare({ size, styleWeight, contentWeight, device, goOn }: Job): Promise<void> {
  const of = JSON.stringify([size, styleWeight, contentWeight, device, opened]);
  if (goOn && painting?.of === of) return;
  painting = undefined;
  await init(device);
  const [content, style] = [await pixels("content", size), await pixels("style", size)];
  const objective = new Objective(network(device), content.to(device), [style.to(device)], {
    styleWeight,
    contentWeight,
    tvWeight: 0,
    styleLayers: [...STYLE_LAYERS],
    contentLayers: [...CONTENT_LAYERS],
    blend: [1],
  });
  const start = goOn && result ? inSizeOf(content, result) : content;
  if (!goOn) steps = 0;
  painting = { of, strokes: strokes(start.to(device), objective, { optimizer: "lbfgs", lr: 1 }) };
}

function inSizeOf({ shape: [, , height, width] }: Tensor, picture: Tensor): Tensor {
  if (picture.shape[2] === height && picture.shape[3] === width) return picture;
  return nn.functional.interpolate(picture, { size: [height, width], mode: "bilinear" });
}

const methods = {
  /**
   * Opens a picture; the one before stays where this cannot be read.
   * @returns how it looks, at the largest size that is painted
   */
  async open(part: Part, file: Blob, name: string): Promise<ImageBitmap> {
    const bitmap = await decode(file, name, LARGEST);
    const shown = await createImageBitmap(bitmap);
    pictures.get(part)?.bitmap.close();
    pictures.set(part, { name, bitmap });
    opened++;
    return handOver(shown, [shown]);
  },

  /** Takes the network's weights from a file, or draws random filters; what was there stays where the file cannot be used. */
  async look(file: File | null): Promise<void> {
    state = file ? ((await vggFrom(file, file.name, LAYERS)).stateDict() as Record<string, Tensor>) : undefined;
    opened++;
  },

  /** Paints until the step that the job names, or until `stop`. */
  async paint(job: Job, report: (now: Report) => void): Promise<void> {
    stopped = false;
    try {
      await prepare(job);
      const { strokes } = painting as NonNullable<typeof painting>;
      const [start, first] = [performance.now(), steps];
      let reported = Number.NEGATIVE_INFINITY;
      for (let last = false; !last; ) {
        const { losses, picture } = (await strokes.next()).value;
        steps++;
        await breathe(); // `stop` is heard
        last = stopped || steps >= job.until;
        if (!last && performance.now() - reported < REPORT) continue;
        result = await picture.cpu();
        const shown = canvasOf(result).transferToImageBitmap();
        const seconds = (performance.now() - start) / 1000 / (steps - first);
        report(handOver({ step: steps, losses, picture: shown, seconds }, [shown]));
        reported = performance.now();
      }
    } catch (error) {
      painting = undefined;
      if (!(error instanceof DeviceError) || job.device === "cpu") throw error;
      throw new UsageError(`${error.message}. WebAssembly, under Settings, needs no GPU.`);
    }
  },

  async stop(): Promise<void> {
    stopped = true;
  },

  /** What has been painted so far, as a PNG file. */
  async png(): Promise<Blob> {
    if (result === undefined) throw new UsageError("nothing has been painted yet");
    return canvasOf(result).convertToBlob({ type: "image/png" });
  },
};

export type StyleWorker = typeof methods;
serve(methods);
