import type { Combination, ElementType } from "./mpi.js";

/** A handle of MPI: an address in Open MPI, a number in MPICH. */
export type Handle = bigint | number;

/** What the standard leaves to the libraries, which is all that differs between them here. */
export interface Handles {
  /** How a handle is passed, in C. */
  readonly type: "void *" | "int";
  readonly world: Handle;
  readonly elements: Readonly<Record<ElementType, Handle>>;
  readonly combinations: Readonly<Record<Combination, Handle>>;
  readonly inPlace: bigint;
  readonly ignoreStatus: bigint;
}

/** Open MPI's handles are the addresses of symbols that it exports. */
export const openMpiHandles = (address: (symbol: string) => bigint): Handles => ({
  type: "void *",
  world: address("ompi_mpi_comm_world"),
  elements: {
    int8: address("ompi_mpi_int8_t"),
    uint8: address("ompi_mpi_uint8_t"),
    int16: address("ompi_mpi_int16_t"),
    uint16: address("ompi_mpi_uint16_t"),
    int32: address("ompi_mpi_int32_t"),
    int64: address("ompi_mpi_int64_t"),
    float32: address("ompi_mpi_float"),
    float64: address("ompi_mpi_double"),
  },
  combinations: {
    sum: address("ompi_mpi_op_sum"),
    product: address("ompi_mpi_op_prod"),
    min: address("ompi_mpi_op_min"),
    max: address("ompi_mpi_op_max"),
  },
  inPlace: 1n,
  ignoreStatus: 0n,
});

/** MPICH's, which the libraries that share its binary interface have too (Intel MPI, MVAPICH2, Cray MPI): the constants of its `mpi.h`. */
export const mpichHandles: Handles = {
  type: "int",
  world: 0x44000000,
  elements: {
    int8: 0x4c000137,
    uint8: 0x4c00013b,
    int16: 0x4c000238,
    uint16: 0x4c00023c,
    int32: 0x4c000439,
    int64: 0x4c00083a,
    float32: 0x4c00040a,
    float64: 0x4c00080b,
  },
  combinations: { max: 0x58000001, min: 0x58000002, sum: 0x58000003, product: 0x58000004 },
  inPlace: -1n,
  ignoreStatus: 1n,
};
