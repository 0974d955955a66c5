import type { Tensor } from "@kindling/autograd";
import type { Dialog } from "./dialog.js";

/** A place on the line: how far along, the loss, its gradient, and the slope of the line. */
export interface Point {
  t: number;
  f: number;
  g: Tensor;
  gtd: number;
}

/** Armijo's and Wolfe's constants. */
const C1 = 1e-4;
const C2 = 0.9;
const MOST_CALLS = 25;

/**
 * A step length that satisfies the strong Wolfe conditions: bracketing, then zooming in by cubic interpolation (Nocedal and
 * Wright, "Numerical Optimization", algorithms 3.5 and 3.6).
 * @param at the point at a step length
 * @param start the point at 0
 * @param length the first step length to try
 * @param longest the largest change of a parameter for a step length of 1
 */
export function* strongWolfe(
  at: (t: number) => Dialog<Point>,
  start: Point,
  length: number,
  longest: number,
  toleranceChange: number,
): Dialog<{ point: Point; calls: number }> {
  const tooHigh = (p: Point): boolean => p.f > start.f + C1 * p.t * start.gtd;
  const flatEnough = (p: Point): boolean => Math.abs(p.gtd) <= -C2 * start.gtd;

  let point = yield* at(length);
  let calls = 1;
  let previous = start;
  let bracket: [Point, Point] | null = null;
  let rounds = 0;
  for (; rounds < MOST_CALLS; rounds++) {
    if (tooHigh(point) || (rounds > 1 && point.f >= previous.f)) {
      bracket = [previous, point];
      break;
    }
    if (flatEnough(point)) return { point, calls };
    if (point.gtd >= 0) {
      bracket = [previous, point];
      break;
    }
    const { t } = point;
    const further = interpolate(previous, point, t + 0.01 * (t - previous.t), t * 10);
    previous = point;
    point = yield* at(further);
    calls++;
  }
  bracket ??= [start, point];

  let [low, high] = bracket[0].f <= bracket[1].f ? bracket : [bracket[1], bracket[0]];
  let stalled = false;
  for (; rounds < MOST_CALLS; rounds++) {
    const [left, right] = low.t <= high.t ? [low.t, high.t] : [high.t, low.t];
    if ((right - left) * longest < toleranceChange) break;
    let t = interpolate(bracket[0], bracket[1], left, right);
    // Too near to an end twice, or at it: a tenth of the way in from there instead.
    const margin = 0.1 * (right - left);
    if (Math.min(right - t, t - left) < margin) {
      if (stalled || t >= right || t <= left) {
        t = Math.abs(t - right) < Math.abs(t - left) ? right - margin : left + margin;
        stalled = false;
      } else stalled = true;
    } else stalled = false;

    point = yield* at(t);
    calls++;
    let done = false;
    if (tooHigh(point) || point.f >= low.f) {
      bracket[bracket[0] === high ? 0 : 1] = point;
      high = point;
      [low, high] = bracket[0].f <= bracket[1].f ? bracket : [bracket[1], bracket[0]];
    } else {
      const lowAt = bracket[0] === low ? 0 : 1;
      done = flatEnough(point);
      if (!done && point.gtd * (high.t - low.t) >= 0) {
        high = low;
        bracket[1 - lowAt] = low;
      }
      low = point;
      bracket[lowAt] = point;
    }
    if (done) break;
  }
  return { point: low, calls };
}

/** The minimum within bounds of the cubic through two points with their slopes; the middle where it has none. */
function interpolate(p: Point, q: Point, least: number, most: number): number {
  const [a, b] = p.t <= q.t ? [p, q] : [q, p];
  const d1 = p.gtd + q.gtd - (3 * (p.f - q.f)) / (p.t - q.t);
  const square = d1 ** 2 - p.gtd * q.gtd;
  if (!(square >= 0)) return (least + most) / 2;
  const d2 = Math.sqrt(square);
  const t = b.t - (b.t - a.t) * ((b.gtd + d2 - d1) / (b.gtd - a.gtd + 2 * d2));
  return Math.min(Math.max(t, least), most);
}
