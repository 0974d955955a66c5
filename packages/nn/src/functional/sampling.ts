import {
  ArgumentError,
  arange,
  DTypeError,
  full,
  operator,
  ShapeError,
  stack,
  type Tensor,
  tensor,
} from "@kindling/autograd";
import type { Cut } from "../args.js";

export type GridSampleMode = "bilinear" | "nearest" | "bicubic";
export type GridPaddingMode = "zeros" | "border" | "reflection";

interface Sampling {
  readonly mode: GridSampleMode;
  readonly padding: GridPaddingMode;
  readonly alignCorners: boolean;
}

/** Positions beyond the image brought onto it, where the padding says so. */
function onto(x: Tensor, size: number, { padding, alignCorners }: Sampling): Tensor {
  if (padding === "zeros") return x;
  if (padding === "border") return x.clamp(0, size - 1);
  const low = alignCorners ? 0 : -0.5;
  const span = alignCorners ? size - 1 : size;
  if (span === 0) return x.mul(0);
  // back and forth between the borders: a triangle wave
  const wave = x
    .sub(low)
    .remainder(2 * span)
    .sub(span)
    .abs()
    .neg()
    .add(span + low);
  return wave.clamp(0, size - 1);
}

/** Keys' cubic kernel with a = −0.75 at the four elements around, of which the second is `t` away. */
function cubicWeights(t: Tensor): Tensor {
  const a = -0.75;
  const near = (x: Tensor): Tensor =>
    x
      .mul(a + 2)
      .sub(a + 3)
      .mul(x)
      .mul(x)
      .add(1);
  const far = (x: Tensor): Tensor => x.sub(5).mul(x).add(8).mul(x).sub(4).mul(a);
  const rest = t.neg().add(1);
  return stack([far(t.add(1)), near(t), near(rest), far(rest.add(1))], 1);
}

/** For positions (N, P) of one dimension: the elements that take part, as indices (N, taps, P), and their weights. */
function tapsAt(coordinate: Tensor, size: number, s: Sampling): { index: Tensor; weight: Tensor } {
  const whole = s.alignCorners ? coordinate.add(1).mul((size - 1) / 2) : coordinate.add(1).mul(size).sub(1).mul(0.5);
  const x = s.mode === "bicubic" ? whole : onto(whole, size, s);
  const values = x.detach();
  const first = s.mode === "nearest" ? values.round() : s.mode === "bicubic" ? values.floor().sub(1) : values.floor();
  const taps = s.mode === "nearest" ? 1 : s.mode === "bilinear" ? 2 : 4;
  const steps = arange(taps, { dtype: x.dtype, device: x.device }).reshape(1, taps, 1);
  const at = first.unsqueeze(1).add(steps);
  const place = s.mode === "bicubic" ? onto(at, size, s) : at;
  const inside = place
    .ge(0)
    .logicalAnd(place.le(size - 1))
    .to(x.dtype);
  const index = place.clamp(0, size - 1);
  if (s.mode === "nearest") return { index, weight: inside };
  const t = x.sub(s.mode === "bicubic" ? first.add(1) : first);
  const weight = s.mode === "bicubic" ? cubicWeights(t) : stack([t.neg().add(1), t], 1);
  return { index, weight: weight.mul(inside) };
}

type GridSampleOptions = { mode?: GridSampleMode; paddingMode?: GridPaddingMode; alignCorners?: boolean | null };

/**
 * Values of images (N, C, H, W) at the positions of `grid` (N, H′, W′, 2): (N, C, H′, W′); or of volumes (N, C, D, H, W) at
 * (N, D′, H′, W′, 3). A position is (x, y) or (x, y, z), from −1 to 1 across the image: to the centres of the outermost elements
 * with `alignCorners`, else to their edges. Beyond lies `paddingMode`: "zeros", the "border" repeated, or a "reflection".
 * Differentiable in both, but for "nearest" in the grid.
 *
 * @throws ShapeError where the shapes do not fit, ArgumentError for an unknown mode
 */
export const gridSample = operator<
  (
    input: Tensor,
    grid: Tensor,
    ...args: Cut<[mode: GridSampleMode, paddingMode: GridPaddingMode, alignCorners: boolean | null], GridSampleOptions>
  ) => Tensor
>(
  'gridSample(input, grid, mode="bilinear", paddingMode="zeros", alignCorners=null)',
  (input: Tensor, grid: Tensor, mode: GridSampleMode, padding: GridPaddingMode, corners: boolean | null) => {
    checkGrid(input, grid, mode, padding);
    const n = input.ndim - 2;
    const size = input.shape.slice(2);
    const [batch, channels] = input.shape;
    const count = grid.shape.slice(1, -1);
    const points = count.reduce((a, b) => a * b, 1);
    const positions = grid.reshape(batch, points, n);
    let step = 1;
    let index: Tensor | null = null;
    let weight: Tensor | null = null;
    // the last dimension of the image first, as in the grid: (N, taps of all dimensions, P)
    for (let d = n - 1; d >= 0; d--) {
      const s = { mode, padding, alignCorners: corners ?? false };
      const taps = tapsAt(positions.select(2, n - 1 - d), size[d], s);
      const place = taps.index.mul(step).to("int32");
      index = index === null ? place : index.unsqueeze(1).add(place.unsqueeze(2)).flatten(1, 2);
      weight = weight === null ? taps.weight : weight.unsqueeze(1).mul(taps.weight.unsqueeze(2)).flatten(1, 2);
      step *= size[d];
    }
    const [at, share] = [index as unknown as Tensor, weight as unknown as Tensor];
    const taps = at.shape[1];
    const everywhere = at.reshape(batch, 1, taps * points).expand(batch, channels, taps * points);
    const values = input.flatten(2).gather(2, everywhere).reshape(batch, channels, taps, points);
    return values
      .mul(share.unsqueeze(1))
      .sum(2)
      .reshape([batch, channels, ...count]);
  },
);

function checkGrid(input: Tensor, grid: Tensor, mode: string, padding: string): void {
  const name = "gridSample()";
  const shown = (t: Tensor): string => `[${t.shape.join(", ")}]`;
  const facts = { input: input.shape, grid: grid.shape };
  if (!["bilinear", "nearest", "bicubic"].includes(mode)) {
    throw new ArgumentError(`${name}: expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '${mode}'`);
  }
  if (!["zeros", "border", "reflection"].includes(padding)) {
    throw new ArgumentError(
      `${name}: expected paddingMode to be 'zeros', 'border', or 'reflection', but got: '${padding}'`,
    );
  }
  if (input.dtype !== grid.dtype) {
    throw new DTypeError(
      `${name}: expected input and grid to have same dtype, but input has ${input.dtype} and grid has ${grid.dtype}`,
      {
        input: input.dtype,
        grid: grid.dtype,
      },
    );
  }
  if ((input.ndim !== 4 && input.ndim !== 5) || grid.ndim !== input.ndim) {
    throw new ShapeError(
      `${name}: expected 4D or 5D input and grid with same number of dimensions, but got input with sizes ${shown(input)} and grid with sizes ${shown(grid)}`,
      facts,
    );
  }
  if (input.shape[0] !== grid.shape[0]) {
    throw new ShapeError(
      `${name}: expected grid and input to have same batch size, but got input with sizes ${shown(input)} and grid with sizes ${shown(grid)}`,
      facts,
    );
  }
  if (grid.shape[grid.ndim - 1] !== input.ndim - 2) {
    throw new ShapeError(
      `${name}: expected grid to have size ${input.ndim - 2} in last dimension, but got grid with sizes ${shown(grid)}`,
      facts,
    );
  }
  if (mode === "bicubic" && input.ndim === 5) {
    throw new ShapeError(`${name}: bicubic interpolation only supports 4D input`, facts);
  }
  const empty = input.shape.indexOf(0, 2);
  if (empty >= 0) {
    throw new ShapeError(
      `${name}: expected input to have non-empty spatial dimensions, but input has sizes ${shown(input)} with dimension ${empty} being empty`,
      facts,
    );
  }
}

/**
 * A grid for `gridSample` from affine maps `theta`: (N, 2, 3) and a size [N, C, H, W] give (N, H, W, 2), (N, 3, 4) and
 * [N, C, D, H, W] give (N, D, H, W, 3).
 * @throws ShapeError where the shapes do not fit
 */
export const affineGrid = operator<
  (
    theta: Tensor,
    size: readonly number[],
    ...args: Cut<[alignCorners: boolean | null], { alignCorners?: boolean | null }>
  ) => Tensor
>("affineGrid(theta, size, alignCorners=null)", (theta: Tensor, size: readonly number[], corners: boolean | null) => {
  if (!theta.isFloatingPoint()) {
    throw new DTypeError(`Expected theta to have floating point type, but got ${theta.dtype}`, { dtype: theta.dtype });
  }
  const n = size.length - 2;
  const wanted = `(${size.join(", ")})`;
  if (n !== 2 && n !== 3) {
    throw new ShapeError(
      `affineGrid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size ${wanted}.`,
      { size },
    );
  }
  if (theta.ndim !== 3 || theta.shape[1] !== n || theta.shape[2] !== n + 1) {
    throw new ShapeError(
      `Expected a batch of ${n}D affine matrices of shape Nx${n}x${n + 1} for size ${wanted}. Got [${theta.shape.join(", ")}].`,
      { theta: theta.shape, size },
    );
  }
  if (size.some((s) => s <= 0)) {
    throw new ShapeError(`Expected non-zero, positive output size. Got ${wanted}`, { size });
  }
  if (theta.shape[0] !== size[0]) {
    throw new ShapeError(`Expected ${size[0]} affine matrices for size ${wanted}. Got [${theta.shape.join(", ")}].`, {
      theta: theta.shape,
      size,
    });
  }
  const { dtype, device } = theta;
  const count = size.slice(2);
  const axes = count.map((s, d) => {
    const edge = corners ? 1 : (s - 1) / s;
    const values = Array.from({ length: s }, (_, i) => (s === 1 ? 0 : edge * ((2 * i) / (s - 1) - 1)));
    return tensor(values, { dtype, device })
      .reshape(count.map((_, i) => (i === d ? -1 : 1)))
      .expand(count);
  });
  const base = stack([...axes.reverse(), full(count, 1, { dtype, device })], -1);
  return base
    .reshape(-1, n + 1)
    .matmul(theta.transpose(1, 2))
    .reshape([size[0], ...count, n]);
});
