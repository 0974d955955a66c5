/*
 * The kernels that work on blocks of operands, in a small memory of one thread. Blocks begin at multiples of 64 bytes, and what
 * lies behind the last element up to the next such multiple may be read and written: there are no remainders to treat apart.
 */
export * from "./layout";
export * from "./pointwise";
export * from "./choices";
export * from "./reductions";
