import { type Backend } from "@kindling/storage";
/**
 * The `cpu` device in plain TypeScript: the reference kernels. A storage's handle is a typed array (of bits for float16
 * and bfloat16, of bytes for bool), and the garbage collector owns it.
 *
 * What the contract leaves open: NaN and infinities become 0 in an integer; an integer shifted by its width
 * or more, or by a negative count, becomes 0, or to the right its sign; `fmod` by the integer 0 is 0.
 */
export declare function createCpuBackend(): Backend;
