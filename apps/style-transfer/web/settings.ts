import type { DeviceChoice } from "app-common/web";
import { styleWeightOf } from "../src/style-weight.js";

/** What one chooses. */
export interface Choice {
  /** Pixels of the longer side. */
  size: number;
  steps: number;
  /** The network's usual one where nobody has chosen. */
  styleWeight?: number;
  contentWeight: number;
  /** The fastest that this browser has, where nobody has chosen. */
  device?: DeviceChoice["name"];
}

export const DEFAULTS: Choice = { size: 160, steps: 100, contentWeight: 1 };

const every = (step: number, from: number, to: number): number[] =>
  Array.from({ length: (to - from) / step + 1 }, (_, i) => from + i * step);

/** 1, 2, 3 and 5 times the powers of ten, and the last power. */
const decades = (from: number, to: number): number[] => [
  ...every(1, from, to - 1).flatMap((power) => [1, 2, 3, 5].map((digit) => Number(`${digit}e${power}`))),
  10 ** to,
];

/** The largest size: at it the worker takes more than half a gigabyte. */
export const LARGEST = 512;

/* What the sliders offer. */
export const SIZES = every(16, 64, LARGEST);
export const STEPS = every(10, 10, 500);
export const STYLE_WEIGHTS = decades(1, 8);
export const CONTENT_WEIGHTS = [0, ...decades(-2, 3)];

/** What of the tutorial's style weight is chosen, or usual for the network. */
export const styleWeight = ({ styleWeight }: Choice, trained: boolean): number =>
  styleWeightOf({ trained }, styleWeight, 1e6);
