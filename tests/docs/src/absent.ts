/** Why names of PyTorch are not here, or what serves instead, by group, as PyTorch spells them. A name belongs to the first that takes it. */
export const absent: readonly { readonly what: string; readonly instead: string; readonly names: RegExp }[] = [
  {
    what: "in-place forms as functions: `torch.abs_`",
    instead: "methods: `x.abs_()`",
    names: /^torch\.(?!.*resize)\w+[a-z0-9]_$/,
  },
  {
    what: "operators of networks beside `nn.functional`'s: `torch.batch_norm`, `torch.embedding`, `torch.selu`",
    instead: "`nn.functional`, and `nn.utils.weightNorm` for `norm_except_dim`",
    names:
      /^torch\.(affine_grid_generator|batch_norm|bilinear|binary_cross_entropy_with_logits|celu|cosine_\w+|ctc_loss|embedding(_bag)?|grid_sampler\w*|group_norm|hinge_embedding_loss|instance_norm|kl_div|layer_norm|margin_ranking_loss|norm_except_dim|pairwise_distance|pdist|poisson_nll_loss|rrelu|selu|threshold|triplet_margin_loss|convolution)$/,
  },
  {
    what: "layers as functions: `torch.gru`, `torch.lstm_cell`",
    instead: "`nn.GRU`, `nn.LSTMCell` and the like",
    names: /^torch\.(gru|lstm|rnn_tanh|rnn_relu)(_cell)?$/,
  },
  {
    what: "pooling that gives indices under a name of its own",
    instead: "the option `returnIndices`",
    names: /max_pool[123]d_with_indices$/,
  },
  {
    what: "kernels of one library, and the internals of others: `cudnn_*`, `mkldnn_*`, `native_*`, `*_copy`, `unsafe_*`",
    instead: "the operators without these words",
    names:
      /^torch(\.Tensor|\.nn\.functional)?\.((cudnn|miopen|mkldnn|fbgemm|native|unsafe|batch_norm|has_torch_function|split_with_sizes)_\w+|split_with_sizes|\w+_copy|empty_strided|new_empty_strided|to_mkldnn|is_mkldnn|conv_tbc|segment_reduce|fused_\w+|has_torch_function|assert_int_or_pair|boolean_dispatch|as_strided_scatter)$/,
  },
  {
    what: "complex numbers and spectra: `view_as_complex`, `x.imag`, `stft`, `linalg.eig`, windows such as `hann_window`",
    instead: "there is no complex dtype",
    names:
      /\.(complex|polar|view_as_(complex|real)|i?stft|imag|real|is_conj|is_neg|cdouble|cfloat|chalf|eig|eigvals|\w+_window|conj_physical_)$/,
  },
  {
    what: "sparse and nested tensors: `to_sparse`, `coalesce`, `optim.SparseAdam`",
    instead: "all tensors are strided",
    names:
      /(sparse|Sparse|\.(coalesce|is_coalesced|dense_dim|is_nested|to_dense|to_padded_tensor|c?col_indices|crow_indices|row_indices|indices|values|dsmm|hsmm|hspmm|smm|spmm|saddmm|sspaddmm)$)/,
  },
  {
    what: "quantised numbers: `quantize_per_tensor`, `dequantize`",
    instead: "there are no quantised dtypes",
    names: /(quantize|qparams|\.(is_quantized|int_repr|q_\w+|qscheme)$|quantized_)/,
  },
  {
    what: "lazy modules and several GPUs: `nn.LazyLinear`, `nn.DataParallel`, `nn.SyncBatchNorm`",
    instead: "say the sizes; `@kindling/distributed`",
    names: /^torch\.nn\.(Lazy\w+|Uninitialized\w+|DataParallel|SyncBatchNorm)$/,
  },
  {
    what: "named tensors: `align_to`, `refine_names`, `x.names`",
    instead: "PyTorch never took them out of their prototype",
    names: /\.(align_\w+|has_names|names?|refine_names|rename_?)$/,
  },
  {
    what: "scripts and tracing, distribution, automatic casts, vitals: `torch.fork`, `set_autocast_enabled`",
    instead: '`x.to("bfloat16")`; the rest has no counterpart',
    names:
      /^torch\.((\w+_)?autocast_?\w*|candidate|classproperty|fork|wait|import_ir\w*|parse_\w+|merge_type\w+|unify_type_list|obj|get_file_path|typename|(read_|set_)?vitals?(_enabled)?|read_vitals|is_distributed|Tensor\.is_distributed|compiled_with\w+|prepare_multi\w+|init_num_threads)$/,
  },
  {
    what: "switches of the whole process: `set_default_dtype`, `use_deterministic_algorithms`, `set_anomaly_enabled`",
    instead: "say the dtype; results never depend on threads; `autograd.detectAnomaly`",
    names:
      /^torch\.(\w*determin\w+|[gs]et_default_\w+|\w*float32_matmul_precision|[gs]et_num_interop_threads|set_flush_denormal|(is|set)_(anomaly|warn)\w+|is_anomaly\w*)$/,
  },
  {
    what: "other devices and memory: `x.cuda()`, `pin_memory`, `share_memory_`, `data_ptr`, `is_cuda`",
    instead: "`x.to(device)`, `x.device`",
    names:
      /\.(cuda|xpu|ipu|get_device|is_(cuda|cpu|ipu|meta|mps|ort|vulkan|xpu|pinned|shared|vulkan_available|storage|set_to)|cudnn_is_acceptable|pin_memory|share_memory_|record_stream|data_ptr|storage_type|set_|layout)$/,
  },
  {
    what: "NumPy, DLPack, buffers and files: `x.numpy()`, `from_numpy`, `asarray`, `torch.load`, `torch.save`",
    instead: "`x.toTypedArray()`, `tensor(typedArray)`, `asTensor`, `io.load`, `io.save`",
    names: /\.(numpy|from_numpy|(from|to)_dlpack|from_file|frombuffer|asarray|load|save)$/,
  },
  {
    what: "what PyTorch calls old or unsafe: `torch.range`, `lstsq`, `symeig`, `solve`, `matrix_rank`, `x.resize_()`, `x.new()`",
    instead:
      "`arange`, `linalg.lstsq`, `linalg.eigh`, `linalg.solve`, `linalg.matrixRank`, `linalg.luFactor`, `x.reshape()`, `x.newEmpty()`",
    names:
      /\.(range|lstsq|symeig|solve|matrix_rank|lu|frobenius_norm|nuclear_norm|resize(_as)?_?|new|type|volatile|reinforce|output_nr|as_subclass|Container|NLLLoss2d|CrossMapLRN2d)$/,
  },
  {
    what: "Python functions on elements: `x.apply_`, `x.map_`",
    instead: "operators, or `tensor(x.tolist().map(…))`",
    names: /\.(apply_|map2?_)$/,
  },
  {
    what: "rarely used: `lobpcg`, `svd_lowrank`, `pca_lowrank`, `linalg.ldl_*`, `histogramdd`, `frexp`, the polynomials of `special`, fractional pooling",
    instead: "`linalg.solve`, `linalg.eigh`, `linalg.svd`, `histogram`, `log2`",
    names:
      /\.(lobpcg|svd_lowrank|pca_lowrank|ldl_\w+|histogramdd|frexp|airy_ai|\w+_polynomial_\w+|[Ff]ractional_?[mM]ax_?[pP]ool\w+)$/,
  },
  {
    what: "`poisson`, `binomial`",
    instead: "their samplers are not PyTorch's to the digit yet",
    names: /^torch\.(poisson|binomial)$/,
  },
  {
    what: "`torch.seed`, `scalar_tensor`, `torch.fill`",
    instead: "`manualSeed`, `tensor(3)`, `fullLike`",
    names: /^torch\.(seed|scalar_tensor|fill)$/,
  },
  {
    what: "base classes of layers: `nn.RNNBase`, `nn.RNNCellBase`",
    instead: "the layers themselves",
    names: /^torch\.nn\.RNN(Cell)?Base$/,
  },
];
