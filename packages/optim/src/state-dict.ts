import { isTensor, type Tensor, tensor } from "@kindling/autograd";
import { copyOf, toCamel, toSnake } from "./names.js";

/** What is saved for one parameter, under PyTorch's names. */
export type SavedState = Record<string, unknown>;

/** The state of an optimizer in PyTorch's layout. */
export interface OptimizerStateDict {
  /** What is kept per parameter, by its number. */
  state: Map<number, SavedState>;
  /** Options under PyTorch's names, and in `params` the numbers of the parameters. */
  param_groups: Record<string, unknown>[];
}

/** A group as it is saved. */
export function packGroup(group: { params: Tensor[] }, numbers: ReadonlyMap<Tensor, number>): Record<string, unknown> {
  const packed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(group)) if (name !== "params") packed[toSnake(name)] = copyOf(value);
  packed.params = group.params.map((param) => numbers.get(param));
  return packed;
}

/** The options of a saved group, under our names. */
export function unpackGroup(packed: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(packed)) if (name !== "params") options[toCamel(name)] = copyOf(value);
  return options;
}

/** Numbers of one parameter that a step computes with on the host: float32 tensors of one element. */
const onHost = new Set(["step", "mu_product", "eta", "mu"]);

/**
 * A copy of what was saved for `param`, with tensors in its dtype (if that is a floating one) and on its device. The step
 * count and its like stay float32 tensors on the host, and become such where a checkpoint has bare numbers.
 */
export function castState(saved: SavedState, param: Tensor): SavedState {
  const cast = (value: unknown, key: string): unknown => {
    if (onHost.has(key)) return tensor(Number(isTensor(value) ? value.item() : value), { dtype: "float32" });
    if (isTensor(value)) {
      const dtype = param.isFloatingPoint() ? param.dtype : value.dtype;
      return value.detach().to({ dtype, device: param.device, copy: true });
    }
    if (Array.isArray(value)) return value.map((item) => cast(item, ""));
    return value;
  };
  const kept = Object.entries(saved).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(kept.map(([key, value]) => [key, cast(value, key)]));
}
