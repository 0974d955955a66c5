import { operator } from "../args.js";
import type { Tensor } from "../tensor.js";
import { onesLike } from "./creation.js";
import { composite } from "./table.js";

/*
 * There are no complex numbers here: what asks for their parts finds that all are real.
 */

/** Whether elements have no imaginary part: true throughout. */
export const isreal = composite("isreal", (x) => onesLike(x, { dtype: "bool" }));
/** The real part: `x` itself. */
export const real = composite("real", (x) => x);
/** The complex conjugate: `x` itself. */
export const conj = composite("conj", (x) => x);
/** The complex conjugate: `x` itself. */
export const conjPhysical = composite("conjPhysical", (x) => x);
/** `x` without a pending conjugation: `x` itself. */
export const resolveConj = composite("resolveConj", (x) => x);
/** `x` without a pending negation: `x` itself. */
export const resolveNeg = composite("resolveNeg", (x) => x);
/** Whether the dtype is complex: never. */
export const isComplex = operator<(self: Tensor) => boolean>("isComplex(self)", () => false);
