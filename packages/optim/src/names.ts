import { bind, type Signature } from "@kindling/autograd";

/*
 * Two spellings. In programs options are camelCase (`weightDecay`, `initialLr`, `TMax`), in state dicts they are PyTorch's
 * (`weight_decay`, `initial_lr`, `T_max`), because checkpoints travel. What an optimizer keeps for a parameter (`exp_avg`,
 * `momentum_buffer`, …) has PyTorch's spelling everywhere.
 */

/** `weightDecay` → `weight_decay`, `TMax` → `T_max`. */
export const toSnake = (name: string): string => name.replace(/(?<=.)[A-Z]/g, (c) => `_${c.toLowerCase()}`);

/** `weight_decay` → `weightDecay`, `T_max` → `TMax`. */
export const toCamel = (name: string): string => name.replace(/(?<=[^_])_([a-z])/g, (_, c: string) => c.toUpperCase());

/** The arguments of a constructor by name, defaults filled in; the first one (parameters or an optimizer) is left out. */
export function optionsOf<O>(signature: Signature, first: unknown, rest: readonly unknown[]): O {
  const values = bind(signature, [first, ...rest]);
  return Object.fromEntries(signature.parameters.map((p, i) => [p.name, copyOf(values[i])]).slice(1)) as O;
}

/** Arrays copied, so that options of groups and defaults never share one. */
export const copyOf = (value: unknown): unknown => (Array.isArray(value) ? value.map(copyOf) : value);

/**
 * What a constructor takes behind its first argument: positional arguments in PyTorch's order, cut anywhere, then perhaps
 * options by name.
 */
export type Cut<P extends readonly unknown[], O> = P extends readonly [...infer Front, unknown]
  ? Cut<Front, O> | [...P, options?: O]
  : [options?: O];
