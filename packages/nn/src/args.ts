import { bind, type DType, signature } from "@kindling/autograd";

/**
 * What a callable takes whose trailing arguments may be left out or named: the positional ones, cut anywhere, then perhaps
 * an options object.
 */
export type Cut<P extends readonly unknown[], O> = P extends readonly [...infer Front, unknown]
  ? Cut<Front, O> | [...P, options?: O]
  : [options?: O];

/** Where and in which dtype a module makes its parameters: `"cpu"` and float32 unless told. */
export interface FactoryOptions {
  device?: string | null;
  dtype?: DType | null;
}

/** Binds arguments as PyTorch does, by a signature such as `"Linear(inFeatures, outFeatures, bias=true)"`. */
export function binder<T extends readonly unknown[]>(text: string): (args: readonly unknown[]) => T {
  const sig = signature(text);
  return (args) => bind(sig, args) as unknown as T;
}
