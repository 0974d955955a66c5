/** What is measured: gpu/cases.json, which PyTorch's script reads too. */
export interface Cases {
  /** Sides of square products. */
  readonly products: readonly number[];
  readonly convolutions: Readonly<Record<string, Convolution>>;
  /** Sides of images. */
  readonly styleTransfer: readonly number[];
  readonly lstm: readonly Lstm[];
  readonly mlp: readonly Mlp[];
}

export interface Convolution {
  readonly batch: number;
  readonly channels: number;
  readonly size: number;
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

export interface Lstm {
  readonly letters: number;
  readonly hidden: number;
  readonly batch: number;
  readonly length: number;
}

export interface Mlp {
  readonly batch: number;
  readonly inputs: number;
  readonly hidden: number;
}
