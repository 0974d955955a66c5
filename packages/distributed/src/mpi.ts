/** Elements that MPI moves and combines: its own fixed-width types. */
export type ElementType = "int8" | "uint8" | "int16" | "uint16" | "int32" | "int64" | "float32" | "float64";

/** How MPI combines elements of several ranks. */
export type Combination = "sum" | "product" | "min" | "max";

/** An operation under way. The memory that it reads and writes stays where it is, and alive, until it is complete. */
export interface Request {
  /** Whether it is complete; asking also lets MPI work on it. */
  test(): boolean;
  /** Blocks until it is complete. */
  wait(): void;
}

/** The operations in which all ranks take part, in the same order on each. `count` is in elements. */
export interface Collectives<R> {
  barrier(): R;
  broadcast(memory: ArrayBufferView, count: number, type: ElementType, root: number): R;
  /** In place. */
  allReduce(memory: ArrayBufferView, count: number, type: ElementType, how: Combination): R;
  /** `count` elements of each rank, to `size · count` on all. */
  allGather(from: ArrayBufferView, to: ArrayBufferView, count: number, type: ElementType): R;
  /** `size · count` elements of each rank, combined; rank `r` gets the `r`-th `count` of them. */
  reduceScatter(from: ArrayBufferView, to: ArrayBufferView, count: number, type: ElementType, how: Combination): R;
}

/** The world of processes, as seen from one of them. */
export interface Mpi {
  /** The library's name and version. */
  readonly description: string;
  readonly rank: number;
  readonly size: number;
  /** Blocking operations. */
  readonly now: Collectives<void>;
  /** The same, started. */
  readonly later: Collectives<Request>;
  /** Says that all ranks have come to their end: from now on this one may end with any exit code without ending the others. */
  leave(): void;
}

/** What is under way: MPI knows its memory by address only, so the collector must know it too. */
export const underWay = new Set<Request>();
