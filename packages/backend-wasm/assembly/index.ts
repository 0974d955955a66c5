/*
 * The kernels in WebAssembly. Pointers and counts are plain numbers: 32 bits cover all memory there is. A kernel that threads
 * share takes the number of a chunk as its last argument; which elements a chunk has depends on sizes alone.
 */
export * from "./gemm";
export * from "./packing";
export * from "./vector";
export * from "./matmul";
export * from "./pooling";
export * from "./tiles";
export * from "./winograd";
export * from "./optimizers";
export * from "./windows";
export * from "./windows-tiles";
export * from "./recurrent";
export { addRows32, addRows64 } from "./lanes";
export * from "./activations";
export * from "./normalization";
export * from "./softmax";
