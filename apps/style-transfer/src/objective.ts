import { nn, noGrad, type Tensor } from "kindling";
import type { LossOptions } from "./args.js";
import type { Vgg } from "./vgg.js";

const { mseLoss } = nn.functional;

/** The three terms of the loss, each with its weight; what has weight 0 is `null`. */
export interface Terms {
  style: Tensor | null;
  content: Tensor | null;
  tv: Tensor | null;
}

/** How alike the channels of (1, C, H, W) are over the picture: (C, C), divided by the number of values. */
export function gram(features: Tensor): Tensor {
  const [n, c, h, w] = features.shape;
  const rows = features.view(n * c, h * w);
  return rows.matmul(rows.t()).div(n * c * h * w);
}

/** Total variation of (N, C, H, W): the mean squared difference between neighbouring pixels, down and across. */
export function totalVariation(x: Tensor): Tensor {
  const down = mseLoss(x.at("...", "1:", ":"), x.at("...", ":-1", ":"));
  const across = mseLoss(x.at("...", "1:"), x.at("...", ":-1"));
  return down.add(across);
}

/**
 * What a painting should be like: its features those of the content, their Gram matrices those of the styles (Gatys, Ecker
 * and Bethge 2015, in the form of PyTorch's tutorial: means over all values, sums over the layers).
 */
export class Objective {
  readonly #vgg: Vgg;
  readonly #options: LossOptions;
  readonly #content: Tensor[];
  /** By style, by layer. */
  readonly #styles: Tensor[][];

  /** @param content (1, 3, H, W); @param styles (1, 3, h, w) each, of any size */
  constructor(vgg: Vgg, content: Tensor, styles: readonly Tensor[], options: LossOptions) {
    this.#vgg = vgg;
    this.#options = options;
    this.#content = noGrad(() => vgg.at(content, options.contentLayers));
    this.#styles = noGrad(() => styles.map((style) => vgg.at(style, options.styleLayers).map(gram)));
  }

  terms(picture: Tensor): Terms {
    const { styleWeight, contentWeight, tvWeight, styleLayers, contentLayers, blend } = this.#options;
    const features = this.#vgg.at(picture, [...styleLayers, ...contentLayers]);
    const grams = features.slice(0, styleLayers.length).map(gram);
    const styles = this.#styles.map((style, i) => sum(style.map((g, l) => mseLoss(grams[l], g))).mul(blend[i]));
    const contents = this.#content.map((content, l) => mseLoss(features[styleLayers.length + l], content));
    return {
      style: styleWeight > 0 ? sum(styles).mul(styleWeight) : null,
      content: contentWeight > 0 ? sum(contents).mul(contentWeight) : null,
      tv: tvWeight > 0 ? totalVariation(picture).mul(tvWeight) : null,
    };
  }
}

export const sum = (terms: readonly Tensor[]): Tensor => terms.reduce((a, b) => a.add(b));
