import { type Tile, threadsOf } from "./gemm.js";

/* Which tile a product is made in. Measured on an NVIDIA H200: benchmarks/gpu. */

const tile = (rows: number, columns: number, high: number, wide: number): Tile => ({
  rows,
  columns,
  depth: 16,
  high,
  wide,
  stages: 1,
  ahead: true,
  unrolled: true,
});

/** For results that make enough of them: fewest reads. Takes 29 kB of workgroup memory. */
const LARGE = tile(256, 128, 16, 8);
/** For products alone: faster than the large ones where both operands are read along the depth, and where those make too few workgroups. */
const SQUARE = tile(128, 128, 8, 8);
/** The usual one, and those for few rows. */
const MEDIUM = tile(64, 64, 8, 4);
/** For weights of convolutions, whose right operand is the dearer one to read. */
const TALL = tile(128, 64, 8, 4);
/** For weights with few columns, as those of pictures' channels have. */
const NARROW = tile(64, 32, 8, 4);
const LOW: readonly Tile[] = [tile(4, 256, 4, 4), tile(8, 256, 8, 4), tile(16, 256, 8, 4), tile(32, 128, 8, 4)];
/** For small results. Rolled: quick to compile. */
const SMALL: Tile = { ...tile(32, 32, 4, 4), unrolled: false };

/** Workgroups that keep a large device busy. */
const ENOUGH = 120;
/** Workgroups that splitting the depth aims at, and the depth that a part has at least. */
const MANY = 256;
const DEEP = 128;
/** Parts of a weight's gradient beyond which adding them up costs more than it saves. */
const MOST = 128;

export interface Choice {
  readonly tile: Tile;
  /** Parts that the depth is cut into, and that are added up afterwards. */
  readonly splits: number;
}

/** What a workgroup may have: threads, and bytes of memory. */
export interface Room {
  readonly maxComputeInvocationsPerWorkgroup: number;
  readonly maxComputeWorkgroupStorageSize: number;
}

const groupsOf = (t: Tile, rows: number, columns: number, batches: number): number =>
  Math.ceil(rows / t.rows) * Math.ceil(columns / t.columns) * batches;

/** Whether a tile's operands fit into workgroup memory, whichever way they lie in it. */
const fits = (t: Tile, room: Room): boolean =>
  threadsOf(t) <= room.maxComputeInvocationsPerWorkgroup &&
  16 * (t.rows + t.columns) * (t.depth / 4 + 1) <= room.maxComputeWorkgroupStorageSize;

/** Multiplications in whole tiles, for one that is asked for. */
const waste = (t: Tile, rows: number, columns: number): number =>
  (groupsOf(t, rows, columns, 1) * t.rows * t.columns) / (rows * columns);

/** The tile for `batches` products, and in how many parts the depth is cut. */
export function choose(rows: number, columns: number, depth: number, batches: number, room: Room): Choice {
  const splitsOf = (t: Tile): number => {
    const most = Math.floor(depth / DEEP);
    return Math.max(1, Math.min(most, Math.floor(MANY / groupsOf(t, rows, columns, batches))));
  };
  if (fits(LARGE, room) && groupsOf(LARGE, rows, columns, batches) >= ENOUGH && waste(LARGE, rows, columns) < 1.2) {
    return { tile: LARGE, splits: 1 };
  }
  const usual = LOW.find((t) => t.rows >= rows && fits(t, room)) ?? MEDIUM;
  const busy = groupsOf(usual, rows, columns, batches) * splitsOf(usual) * 2 >= ENOUGH;
  const chosen = busy && waste(usual, rows, columns) < 3 ? usual : SMALL;
  return { tile: chosen, splits: splitsOf(chosen) };
}

/** The same for Winograd's products: many at once, of little depth, for which larger tiles are slower. */
export function chooseForBatch(rows: number, columns: number, depth: number, batches: number): Choice {
  const splits = Math.min(Math.floor(depth / DEEP), Math.floor((2 * MANY) / groupsOf(MEDIUM, rows, columns, batches)));
  return { tile: MEDIUM, splits: Math.max(1, splits) };
}

/** The same for products of matrices, which are read `along` the depth where their elements are neighbours there. */
export function chooseForProduct(
  rows: number,
  columns: number,
  depth: number,
  batches: number,
  along: boolean,
  room: Room,
): Choice {
  const usual = choose(rows, columns, depth, batches, room);
  const square =
    depth >= 4 * DEEP &&
    fits(SQUARE, room) &&
    groupsOf(SQUARE, rows, columns, batches) >= ENOUGH &&
    waste(SQUARE, rows, columns) < 1.2;
  const better = usual.tile === MEDIUM || (along && usual.tile === LARGE);
  return square && better ? { tile: SQUARE, splits: 1 } : usual;
}

/** The same for the gradient of a convolution's weight: its depth, all positions of all samples, is by far its longest side. */
export function chooseForWeight(rows: number, columns: number, depth: number, groups: number, room: Room): Choice {
  const usual = choose(rows, columns, depth, groups, room);
  if (usual.tile !== MEDIUM && usual.tile !== LARGE) return usual;
  if (columns <= NARROW.columns) {
    const parts = Math.floor((2 * MANY) / groupsOf(NARROW, rows, columns, groups));
    return { tile: NARROW, splits: Math.max(1, Math.min(Math.floor(depth / DEEP), parts)) };
  }
  const tall = rows % TALL.rows === 0;
  const chosen = tall ? TALL : MEDIUM;
  const tiles = groupsOf(chosen, rows, columns, groups);
  const splits = Math.min(MOST, Math.floor(depth / DEEP), Math.round((tall ? 2 * MANY : 4 * MANY) / tiles));
  return { tile: chosen, splits: Math.max(1, usual.tile === MEDIUM ? usual.splits : 1, splits) };
}
