/**
 * From what size on WebAssembly is faster than the plain kernels, measured; below, copying in and out costs more than it saves.
 * All in one table, which tests set to 0.
 */
export const limits = {
  /** Elements of the output of a pointwise function that is an operation or two. */
  pointwise: 256,
  /** The same of one that is more: exp, tanh and the like. */
  transcendental: 64,
  /** Elements that are copied from a transposed view. */
  copy: 1024,
  /** Elements that are reduced. */
  reduction: 512,
  /** Multiplications of a convolution. */
  convolution: 4096,
  /** Elements of an activation that takes several plain kernels. */
  activation: 64,
  /** Elements that are normalised. */
  normalization: 1,
  /** Elements of a softmax. */
  softmax: 1,
  /** Elements of the image that is pooled. */
  pooling: 1024,
  /** Elements of a parameter that an optimizer's step changes. */
  step: 1,
  /** Elements of a sum with a multiple, in place. */
  addScaled: 256,
  /** Multiplications of a batch of matrix products. */
  matmul: 2048,
  /** The same where a matrix has few rows or columns. */
  thinMatmul: 512,
  /** Multiplications of a recurrent layer's step from which a provider above (a BLAS) makes its products. */
  recurrentStep: 1 << 19,
};
