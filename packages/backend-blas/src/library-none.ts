import type { Blas } from "./blas.js";

/** There are no system libraries here. */
export const openBlas = (): Blas | string => "none: system libraries cannot be opened here";
