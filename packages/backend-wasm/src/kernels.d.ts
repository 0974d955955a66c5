/** The kernels in WebAssembly, base64; made of assembly/ by compile.mjs. */
export const plain: string;
/** The same with fused multiply-add, of relaxed SIMD. */
export const relaxed: string;
