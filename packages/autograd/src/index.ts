import "./register-cpu.js";
import "./methods.js";

export {
  ArgumentError,
  AutogradError,
  type Backend,
  backendInfo,
  type ConvolutionLayout,
  canCast,
  DeviceError,
  type DType,
  DTypeError,
  deviceNames,
  dtypeInfo,
  Generator,
  getNumThreads,
  type ImageWindows,
  IndexError,
  init,
  isDType,
  isFloat,
  KindlingError,
  type MemoryStats,
  memoryStats,
  type PoolLayout,
  type Profile,
  type ProfileRow,
  profile,
  promoteTypes,
  type RecurrentSequence,
  registerBackend,
  registerKernels,
  ShapeError,
  setNumThreads,
  synchronize,
} from "@kindling/storage";
export { bind, isOptions, operator, type Signature, signature } from "./args.js";
export * as autograd from "./autograd.js";
export {
  enableGrad,
  inferenceMode,
  isGradEnabled,
  isInferenceModeEnabled,
  noGrad,
  setGradEnabled,
} from "./grad-mode.js";
export { cholesky, choleskyInverse, choleskySolve } from "./linalg/cholesky.js";
export { det, logdet, slogdet } from "./linalg/determinant.js";
export * as linalg from "./linalg/index.js";
export { inverse } from "./linalg/inverse.js";
export { luUnpack } from "./linalg/lu.js";
export { luSolve } from "./linalg/lu-solve.js";
export { chainMatmul } from "./linalg/multi-dot.js";
export { norm } from "./linalg/norm.js";
export { pinverse } from "./linalg/pinv.js";
export { matrixExp, matrixPower } from "./linalg/powers.js";
export { cross, kron } from "./linalg/products.js";
export { geqrf, orgqr, ormqr, qr } from "./linalg/qr.js";
export { svd } from "./linalg/svd.js";
export { triangularSolve } from "./linalg/triangular.js";
export { vander } from "./linalg/vectors.js";
export { heldBy, scope } from "./memory.js";
export type { GradHook, Node, RemovableHandle } from "./node.js";
export { hardshrink, prelu } from "./ops/activation.js";
export * from "./ops/adaptive.js";
export { addbmm, addmm, addmv, addr, baddbmm } from "./ops/addmm.js";
export * from "./ops/aliases.js";
export {
  adjoint,
  atleast1d,
  atleast2d,
  atleast3d,
  columnStack,
  diag,
  diagEmbed,
  diagflat,
  fliplr,
  flipud,
  meshgrid,
  moveaxis,
  rot90,
  swapaxes,
  swapdims,
  takeAlongDim,
  trace,
} from "./ops/arrange.js";
export { at, type Index, indexPut, Slice, setAt, slice } from "./ops/at.js";
export { i0 } from "./ops/bessel.js";
export { type ClassLossLayout, classLoss } from "./ops/class-loss.js";
export { col2im, im2col } from "./ops/columns.js";
export { blockDiag, broadcastShapes, cartesianProd, combinations } from "./ops/combine.js";
export * from "./ops/compare.js";
export * from "./ops/complex.js";
export * from "./ops/conv.js";
export {
  arange,
  empty,
  emptyLike,
  eye,
  full,
  fullLike,
  ones,
  onesLike,
  type TensorOptions,
  zeros,
  zerosLike,
} from "./ops/creation.js";
export { cummax, cummin, cumprod, cumsum, logcumsumexp } from "./ops/cumulative.js";
export { cumulativeTrapezoid, diff, gradient, trapezoid, trapz } from "./ops/differences.js";
export type { Dims } from "./ops/dims.js";
export { cdist, dist } from "./ops/distance.js";
export { alphaDropout, dropout, featureAlphaDropout, featureDropout } from "./ops/dropout.js";
export { einsum } from "./ops/einsum.js";
export { erfc, erfinv } from "./ops/erf.js";
export { all, amax, amin, aminmax, any, argmax, argmin, max, min } from "./ops/extremes.js";
export * from "./ops/functions.js";
export { digamma, lgamma, mvlgamma, polygamma } from "./ops/gamma.js";
export { bincount, histc, histogram } from "./ops/histogram.js";
export { argwhere, gather, indexSelect, maskedSelect, nonzero, take } from "./ops/indexing.js";
export { copyForm, unaryForm } from "./ops/inplace.js";
export { lookedUp } from "./ops/lookup.js";
export { bmm, dot, inner, linear, matmul, mm, mv, outer, outer as ger, tensordot, vdot } from "./ops/matmul.js";
export { channelNormalized, layerNormalized, type Normalized } from "./ops/normalization.js";
export { argsort, msort, sort, topk } from "./ops/order.js";
export * from "./ops/order-statistics.js";
export { constantPadNd } from "./ops/padding.js";
export { promoted as resultType } from "./ops/pair-table.js";
export * from "./ops/pairs.js";
export {
  diagonal,
  diagonalScatter,
  narrow,
  narrowCopy,
  select,
  selectScatter,
  sliceScatter,
  unfold,
} from "./ops/parts.js";
export * from "./ops/pixels.js";
export {
  abs,
  add,
  atan2,
  bitwiseAnd,
  bitwiseLeftShift,
  bitwiseNot,
  bitwiseOr,
  bitwiseRightShift,
  bitwiseXor,
  ceil,
  cos,
  div,
  erf,
  exp,
  expm1,
  floor,
  log,
  log1p,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  round,
  rsub,
  sigmoid,
  sign,
  sin,
  sqrt,
  sub,
  tanh,
  trueDivide,
  trunc,
} from "./ops/pointwise.js";
export { avgPool1d, avgPool2d, avgPool3d, maxPool1d, maxPool2d, maxPool3d } from "./ops/pool.js";
export type { Scalar } from "./ops/promotion.js";
export { isFloatingPoint, isInference, isNonzero, isSameSize, isSigned } from "./ops/queries.js";
export { floorDivide, fmod, gcd, lcm, remainder } from "./ops/quotients.js";
export {
  bernoulli,
  defaultGenerator,
  getRngState,
  initialSeed,
  manualSeed,
  multinomial,
  normal,
  rand,
  randint,
  randintLike,
  randLike,
  randn,
  randnLike,
  randperm,
  setRngState,
} from "./ops/random.js";
export { linspace, logspace } from "./ops/ranges.js";
export { type LayerResult, type Recurrence, type RecurrentWeights, recurrences } from "./ops/recurrence.js";
export { recurrentLayer, recurrentStep } from "./ops/recurrent.js";
export {
  countNonzero,
  logsumexp,
  mean,
  nanmean,
  nansum,
  prod,
  std,
  stdMean,
  sum,
  sumToSize,
  variance,
  variance as var,
  varMean,
} from "./ops/reduction.js";
export { renorm } from "./ops/renorm.js";
export { repeatInterleave, tile } from "./ops/repeat.js";
export { indexAdd, indexCopy, indexFill, maskedScatter, put, scatter, scatterAdd } from "./ops/scatter.js";
export { indexReduce, scatterReduce } from "./ops/scatter-reduce.js";
export { bucketize, isin, searchsorted } from "./ops/search.js";
export { unique, uniqueConsecutive } from "./ops/sets.js";
export {
  broadcastTensors,
  cat,
  cat as concat,
  cat as concatenate,
  clone,
  detach,
  dstack,
  flip,
  hstack,
  numel,
  roll,
  stack,
  vstack,
  vstack as rowStack,
} from "./ops/shape.js";
export { logSoftmax, softmax, softmin } from "./ops/softmax.js";
export { chunk, dsplit, hsplit, split, tensorSplit, unbind, vsplit } from "./ops/split.js";
export { corrcoef, cov } from "./ops/statistics.js";
export { type AdagradStep, type AdamStep, fastStep, type RmspropStep, type SgdStep } from "./ops/steps.js";
export { type TensorOrScalar, type Unary, unary, unaryWith } from "./ops/table.js";
export * from "./ops/ternary.js";
export * from "./ops/triangles.js";
export { asTensor, type NestedArray, tensor } from "./ops/values.js";
export {
  asStrided,
  broadcastTo,
  flatten,
  movedim,
  permute,
  ravel,
  reshape,
  squeeze,
  t,
  transpose,
  unflatten,
  unsqueeze,
} from "./ops/views.js";
export { clamp, clampMax, clampMin, maskedFill, relu, where } from "./ops/where.js";
export { type PrintOptions, setPrintoptions } from "./print.js";
export { gammainc as igamma, gammaincc as igammac } from "./special/gamma.js";
export * as special from "./special/index.js";
export { isTensor, Tensor } from "./tensor.js";
