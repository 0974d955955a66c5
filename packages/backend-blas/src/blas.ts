/** Where BLAS finds a matrix or a vector: its first element is the array's. */
export type Memory = Float32Array | Float64Array;

/** CBLAS's names for the order of a matrix and for what is taken of it. */
export const ROW_MAJOR = 101;
export const PLAIN = 111;
export const TRANSPOSED = 112;

/** The routines of one dtype, with CBLAS's arguments. */
export interface Routines {
  /** `c (m, n) = alpha · a (m, k) · b (k, n) + beta · c`. */
  gemm(
    order: number,
    turnA: number,
    turnB: number,
    m: number,
    n: number,
    k: number,
    alpha: number,
    a: Memory,
    lda: number,
    b: Memory,
    ldb: number,
    beta: number,
    c: Memory,
    ldc: number,
  ): void;
  /** `y = alpha · a · x + beta · y`; `a` is `rows` by `columns` before it is turned. */
  gemv(
    order: number,
    turn: number,
    rows: number,
    columns: number,
    alpha: number,
    a: Memory,
    lda: number,
    x: Memory,
    stepX: number,
    beta: number,
    y: Memory,
    stepY: number,
  ): void;
}

/** A BLAS that was found. */
export interface Blas {
  /** The file, as it was asked for. */
  readonly file: string;
  /** Its name, version and what else it says of itself. */
  readonly description: string;
  readonly float32: Routines;
  readonly float64: Routines;
  /** Absent where the library decides by itself. */
  setThreads?(count: number): void;
}
