import type { Tensor } from "../tensor.js";
/**
 * Sums of products by Einstein's convention: `einsum("bij,bjk->bik", a, b)`; without `->` the result's indices are those that
 * occur once, in alphabetic order. "..." stands for leading dimensions that broadcast. Operands are joined from the left, each
 * time by one batched matrix product.
 */
export declare function einsum(equation: string, ...tensors: (Tensor | readonly Tensor[])[]): Tensor;
