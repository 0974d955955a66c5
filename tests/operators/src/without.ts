/** What has no derivative, and why. */
export const without: Record<string, readonly string[]> = {
  "makes tensors": [
    ..."arange empty emptyLike eye full fullLike linspace logspace trilIndices triuIndices ones onesLike tensor zeros zerosLike".split(
      " ",
    ),
    ..."rand randint randintLike randLike randn randnLike randperm normal bernoulli multinomial newEmpty newZeros newOnes newFull newTensor".split(
      " ",
    ),
  ],
  "gives integers or truth": [
    ..."eq ne lt le gt ge logicalNot logicalAnd logicalOr logicalXor isnan isinf isfinite isclose allclose equal isposinf isneginf signbit".split(
      " ",
    ),
    ..."gcd lcm gcd_ lcm_ bitwiseLeftShift bitwiseRightShift bitwiseLeftShift_ bitwiseRightShift_".split(" "),
    ..."isreal isComplex heaviside_ nextafter nextafter_".split(" "),
    ..."bitwiseAnd bitwiseNot bitwiseOr bitwiseXor bitwiseAnd_ bitwiseNot_ bitwiseOr_ bitwiseXor_".split(" "),
    ..."all any argmax argmin argsort nonzero argwhere countNonzero int long bool byte char short heaviside".split(" "),
  ],
  "finds or counts values":
    "linalg.matrixRank unique uniqueConsecutive bincount histc histogram searchsorted bucketize isin broadcastShapes".split(
      " ",
    ),
  "leaves the graph": "asTensor detach detach_ data cpu item tolist toTypedArray toString toJSON".split(" "),
  "is no operator": [
    ..."isNonzero isSameSize isSigned isInference nelement ndimension".split(" "),
    ..."constructor dtype device ndim dim numel elementSize nbytes size stride storageOffset isContiguous isFloatingPoint isInference".split(
      " ",
    ),
    ..."version dispose requiresGrad requiresGrad_ isLeaf gradFn grad backward registerHook".split(" "),
    ..."registerPostAccumulateGradHook retainGrad retainsGrad".split(" "),
    ..."memoryStats heldBy scope synchronize backendInfo deviceNames canCast promoteTypes resultType getNumThreads init isDType profile setNumThreads isFloat isTensor registerBackend registerKernels bind isOptions operator signature unary unaryWith unaryForm copyForm fastStep lookedUp classLoss layerNormalized channelNormalized".split(
      " ",
    ),
    ..."enableGrad inferenceMode isGradEnabled isInferenceModeEnabled noGrad setGradEnabled setPrintoptions".split(" "),
    ..."defaultGenerator getRngState initialSeed manualSeed setRngState slice".split(" "),
  ],
  "has no derivative": ["geqrf"],
  "is another name": [
    ..."igamma igammac igamma_ igammac_".split(" "),
    ..."erfc erfinv exp2 logit sinc digamma psi gammaln multigammaln polygamma xlogy erf expm1 log1p round expit logsumexp logSoftmax softmax i0"
      .split(" ")
      .map((name) => `special.${name}`),
    "variance",
    ..."concat concatenate rowStack ger".split(" "),
    ..."linalg.det linalg.slogdet".split(" "),
    ..."absolute arccos arccosh arcsin arcsinh arctan arctan2 arctanh clip divide fix greater greaterEqual".split(" "),
    ..."less lessEqual multiply negative notEqual subtract".split(" "),
    ..."absolute_ arccos_ arccosh_ arcsin_ arcsinh_ arctan_ arctan2_ arctanh_ clip_ divide_ fix_ greater_".split(" "),
    ..."greaterEqual_ less_ lessEqual_ multiply_ negative_ notEqual_ subtract_".split(" "),
  ],
};

/** Families of PyTorch's operators that are deliberately absent, and why. */
export const absent: Readonly<Record<string, string>> = {
  "`fft.*`, `stft`, `view_as_complex`, `polar`, `linalg.eig`, `linalg.eigvals` and what else gives complex numbers":
    "there is no complex dtype",
  "`to_sparse`, `sparse.*`": "all tensors are strided",
  "`quantize_per_tensor`, `fake_quantize_*`": "there are no quantized dtypes",
  "`torch.batch_norm`, `torch.layer_norm`, `torch.embedding`, `torch.selu`, … beside `nn.functional`'s":
    "one operator, one place: they are in `nn.functional`",
  "`special.airy_ai` and the polynomials of `special` (Chebyshev, Hermite, Laguerre, Legendre)":
    "without derivatives in PyTorch, and rarely used",
  "`out=` variants": "JavaScript would show them as options that mutate; in-place forms do the same",
  "named tensors (`refine_names`, `align_to`)": "PyTorch never took them out of their prototype",
  "`linalg.ldl_*`, `lobpcg`, `svd_lowrank`, `pca_lowrank`":
    "rarely used; `linalg.solve`, `linalg.eigh` and `linalg.svd` serve",
  "`poisson`, `binomial`": "their samplers are not PyTorch's to the digit yet",
  "`frexp`": "two results of different kinds that no derivative goes through; `log2` and `exp2` serve",
  "`nn.functional.fractional_max_pool2d`, `fractional_max_pool3d`":
    "windows that differ by sample and channel have no fast form here",
};
