import { ArgumentError, ShapeError } from "@kindling/storage";
import { operator } from "../args.js";
import type { Tensor } from "../tensor.js";
import { expectTensor } from "./table.js";
import { permute, reshape } from "./views.js";

/*
 * Elements that change between channels and places of an image.
 */

/** Channels, height and width, checked. */
function sizesOf(name: string, argument: string, self: Tensor, factor: number): readonly number[] {
  expectTensor(self, name);
  if (self.ndim < 3) {
    throw new ShapeError(
      `${name} expects input to have at least 3 dimensions, but got input with ${self.ndim} dimension(s)`,
      {
        shape: self.shape,
      },
    );
  }
  if (!Number.isInteger(factor) || factor < 1) {
    throw new ArgumentError(`${name} expects a positive ${argument}, but got ${factor}`, { [argument]: factor });
  }
  return self.shape.slice(-3);
}

/** The leading dimensions of `self`, `inner` sizes in the order of `axes`, and the result's last sizes. */
function rearranged(self: Tensor, inner: readonly number[], axes: readonly number[], last: readonly number[]): Tensor {
  const lead = self.shape.slice(0, self.ndim - 3);
  const order = [...lead.keys(), ...axes.map((a) => a + lead.length)];
  return reshape(permute(reshape(self, [...lead, ...inner]), order), [...lead, ...last]);
}

/**
 * Groups of r² channels become squares of r × r places, r the `upscaleFactor`: (*, C · r², H, W) → (*, C, H · r, W · r).
 * @throws ShapeError where r² does not divide the channels
 */
export const pixelShuffle = operator<(self: Tensor, upscaleFactor: number | { upscaleFactor: number }) => Tensor>(
  "pixelShuffle(self, upscaleFactor)",
  (self: Tensor, r: number) => {
    const [c, h, w] = sizesOf("pixelShuffle", "upscaleFactor", self, r);
    if (c % (r * r) !== 0) {
      throw new ShapeError(
        `pixelShuffle expects its input's 'channel' dimension to be divisible by the square of upscaleFactor, but input.size(-3)=${c} is not divisible by ${r * r}`,
        { shape: self.shape, upscaleFactor: r },
      );
    }
    const channels = c / (r * r);
    return rearranged(self, [channels, r, r, h, w], [0, 3, 1, 4, 2], [channels, h * r, w * r]);
  },
);

/**
 * The way back: (*, C, H · r, W · r) → (*, C · r², H, W), r the `downscaleFactor`.
 * @throws ShapeError where r does not divide height and width
 */
export const pixelUnshuffle = operator<(self: Tensor, downscaleFactor: number | { downscaleFactor: number }) => Tensor>(
  "pixelUnshuffle(self, downscaleFactor)",
  (self: Tensor, r: number) => {
    const [c, h, w] = sizesOf("pixelUnshuffle", "downscaleFactor", self, r);
    for (const [name, size, dim] of [["height", h, -2] as const, ["width", w, -1] as const]) {
      if (size % r === 0) continue;
      throw new ShapeError(
        `pixelUnshuffle expects ${name} to be divisible by downscaleFactor, but input.size(${dim})=${size} is not divisible by ${r}`,
        { shape: self.shape, downscaleFactor: r },
      );
    }
    return rearranged(self, [c, h / r, r, w / r, r], [0, 2, 4, 1, 3], [c * r * r, h / r, w / r]);
  },
);

/**
 * The channels of (N, C, *) dealt out: channel `j` of group `i` becomes channel `i` of group `j`.
 * @throws ShapeError where `groups` does not divide the channels
 */
export const channelShuffle = operator<(self: Tensor, groups: number | { groups: number }) => Tensor>(
  "channelShuffle(self, groups)",
  (self: Tensor, groups: number) => {
    expectTensor(self, "channelShuffle");
    const [n, c, ...rest] = self.shape;
    if (self.ndim < 3) {
      throw new ShapeError(
        `channelShuffle expects input with > 2 dims, but got input with sizes [${self.shape.join(", ")}]`,
        {
          shape: self.shape,
        },
      );
    }
    if (!Number.isInteger(groups) || groups < 1) {
      throw new ArgumentError(`Number of groups to divide channels in must be positive. Value of groups:${groups}`, {
        groups,
      });
    }
    if (c % groups !== 0) {
      throw new ShapeError(`Number of channels must be divisible by groups. Got ${c} channels and ${groups} groups.`, {
        shape: self.shape,
        groups,
      });
    }
    const dealt = permute(reshape(self, [n, groups, c / groups, ...rest]), [0, 2, 1, ...rest.map((_, d) => d + 3)]);
    return reshape(dealt, self.shape);
  },
);
