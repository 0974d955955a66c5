import { type DType, isDType, isTensor, type Tensor } from "@kindling/autograd";
import { binder } from "./args.js";

/** A dtype, a device, or both; what is absent stays as it is. */
export interface Placement {
  dtype?: DType | null;
  device?: string | null;
}

const bindPlacement = binder<[dtype: DType | null, device: string | null]>("to(*, dtype=null, device=null)");

/** The dtype and device that the arguments of `to` name. */
export function placement(
  target: DType | string | Tensor | Placement,
  more?: DType | Placement,
): [dtype: DType | null, device: string | null] {
  if (isTensor(target)) return [target.dtype, target.device];
  const options = (value: DType | string | Placement): Placement =>
    isDType(value) ? { dtype: value } : typeof value === "string" ? { device: value } : value;
  return bindPlacement([{ ...options(target), ...(more === undefined ? {} : options(more)) }]);
}
