/** Kernels in WebAssembly, deflated and in base64, made of assembly/ by compile.mjs: as they are, and with fused multiply-add, of relaxed SIMD. */
export interface Binaries {
  readonly plain: string;
  readonly relaxed: string;
}
/** Those that work on the memory that threads share. */
export const workspace: Binaries;
/** Those that work on blocks, in a memory of one thread. */
export const blocks: Binaries;
