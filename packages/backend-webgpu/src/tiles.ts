import { type Tile, threadsOf } from "./gemm.js";

/* Which tile a product is made in. Measured on a data-centre GPU: benchmarks/gpu. */

const LARGE: Tile = { rows: 128, columns: 128, depth: 16, high: 8, wide: 8, stages: 1, ahead: true, unrolled: true };
const WIDE: Tile = { rows: 64, columns: 128, depth: 16, high: 8, wide: 8, stages: 1, ahead: true, unrolled: true };
const MEDIUM: Tile = { rows: 64, columns: 64, depth: 16, high: 8, wide: 4, stages: 1, ahead: true, unrolled: true };
const SMALL: Tile = { rows: 32, columns: 32, depth: 8, high: 4, wide: 4, stages: 1, ahead: false, unrolled: false };

/** Workgroups that fill a large device once; with fewer of them a smaller tile is quicker. */
const ENOUGH = 128;
/** Workgroups that splitting the depth aims at. */
const MANY = 256;
/** Depth that a split has at least. */
const DEEP = 256;

export interface Choice {
  readonly tile: Tile;
  /** Parts that the depth is cut into, and that are added up afterwards. */
  readonly splits: number;
}

const groupsOf = (tile: Tile, rows: number, columns: number, batches: number): number =>
  Math.ceil(rows / tile.rows) * Math.ceil(columns / tile.columns) * batches;

/** Multiplications that a tile wastes at the edges, as a factor. */
const waste = (tile: Tile, rows: number, columns: number): number =>
  (Math.ceil(rows / tile.rows) * tile.rows * Math.ceil(columns / tile.columns) * tile.columns) / (rows * columns);

/** The tile for `batches` products, and in how many parts the depth is cut. `threads`: the most that a workgroup may have. */
export function choose(rows: number, columns: number, depth: number, batches: number, threads: number): Choice {
  const splitsOf = (tile: Tile): number => {
    const most = Math.floor(depth / DEEP);
    return Math.max(1, Math.min(most, Math.floor(MANY / groupsOf(tile, rows, columns, batches))));
  };
  const tile =
    [LARGE, WIDE, MEDIUM].find(
      (candidate) =>
        threadsOf(candidate) <= threads &&
        waste(candidate, rows, columns) <= 1.6 &&
        groupsOf(candidate, rows, columns, batches) * splitsOf(candidate) >= ENOUGH,
    ) ?? (rows * columns * batches >= 64 * 64 * 16 && waste(MEDIUM, rows, columns) <= 2 ? MEDIUM : SMALL);
  return { tile, splits: splitsOf(tile) };
}
