import { type GraphOptions, graph, type ImageGridOptions, imageGrid, type Points } from "@kindling/viz";
import { isTensor, type Tensor } from "kindling";
import type { Picture } from "./messages.js";

export type ShowOptions = GraphOptions &
  ImageGridOptions & { x?: string; y?: string; log?: boolean; classes?: readonly string[] };

/** A picture's name, and the picture or its promise. What cannot be drawn throws at once, where the program asked for it. */
export interface Drawing {
  label: string;
  picture: Picture | Promise<Picture>;
}

const CHANNELS = [1, 3, 4];

/** What `show` draws of a value. */
export function draw(value: unknown, options: ShowOptions = {}): Drawing {
  if (isTensor(value)) return drawTensor(value, options);
  if (typeof value === "string" && /^\s*(<\?xml[^>]*>\s*)?<svg[\s>]/.test(value)) {
    return { label: "a picture", picture: { svg: value } };
  }
  if (Array.isArray(value) && value.length > 0) {
    if (value.every(isTensor)) return graphOf(value, options);
    if (value.every(Array.isArray)) return confusionOf(value as number[][], options);
    return curvesOf({ values: value as Points }, options);
  }
  if (Object.getPrototypeOf(value ?? 0) === Object.prototype) return curvesOf(value as Record<string, Points>, options);
  throw new TypeError(
    "show draws a tensor with a graph, pictures (C, H, W) or (N, C, H, W), curves { name: numbers }, a confusion matrix or an SVG document",
  );
}

function drawTensor(tensor: Tensor, options: ShowOptions): Drawing {
  if (tensor.gradFn) return graphOf(tensor, options);
  const { shape } = tensor;
  if (tensor.ndim === 1) return curvesOf({ values: tensor }, options);
  if (tensor.ndim === 2 && shape[0] === shape[1] && options.classes) {
    return confusionOf(tensor.tolist() as number[][], options);
  }
  if ((tensor.ndim === 3 || tensor.ndim === 4) && CHANNELS.includes(shape[tensor.ndim - 3])) {
    const count = tensor.ndim === 3 ? "a picture" : `${shape[0]} pictures`;
    const size = `${shape[tensor.ndim - 1]} × ${shape[tensor.ndim - 2]}`;
    return { label: `${count} of ${size} pixels`, picture: { svg: imageGrid(tensor, options) } };
  }
  throw new TypeError(
    `show cannot draw a tensor (${shape}): it has no graph, and is neither a curve (N) nor pictures (C, H, W) or (N, C, H, W) of 1, 3 or 4 channels`,
  );
}

const graphOf = (tensors: Tensor | Tensor[], options: ShowOptions): Drawing => ({
  label: "the autograd graph",
  picture: graph(tensors, options).then((svg) => ({ svg })),
});

function curvesOf(curves: Record<string, Points>, { x = "step", y = "value", log }: ShowOptions): Drawing {
  const plain = Object.fromEntries(Object.entries(curves).map(([name, points]) => [name, pointsOf(name, points)]));
  const ends = Object.entries(plain).map(([name, points]) => `${name} ends at ${points.at(-1)?.y.toPrecision(4)}`);
  return { label: `${y} by ${x}: ${ends.join(", ")}`, picture: { curves: plain, axes: { x, y, log } } };
}

function pointsOf(name: string, points: Points): { x: number; y: number }[] {
  if (isTensor(points) && points.ndim !== 1)
    throw new TypeError(`curve ${name} is a tensor (${points.shape}), not (N)`);
  const list = isTensor(points) ? (points.tolist() as number[]) : points;
  if (!Array.isArray(list)) throw new TypeError(`curve ${name} is neither numbers, points nor a tensor`);
  return list.map((point, i) => {
    const { x, y } = typeof point === "object" && point !== null ? point : { x: i + 1, y: point };
    if (typeof x === "number" && typeof y === "number") return { x, y };
    throw new TypeError(`curve ${name}: point ${i} is neither a number nor { x, y }`);
  });
}

function confusionOf(counts: number[][], { classes }: ShowOptions): Drawing {
  if (counts.some((row) => row.length !== counts.length || !row.every(Number.isFinite))) {
    throw new TypeError("a confusion matrix has a row and a column of numbers for each class");
  }
  const names = classes ?? counts.map((_, i) => String(i));
  if (names.length !== counts.length) throw new TypeError(`${names.length} names for ${counts.length} classes`);
  return { label: `a confusion matrix of ${names.join(", ")}`, picture: { counts, classes: [...names] } };
}
