import type { Tensor } from "./tensor.js";
import { tolist } from "./read.js";

/** The tensor as PyTorch prints it. */
export function print(self: Tensor): string {
  const node = self.gradFn;
  const grad = node ? `, gradFn=<${node.name}>` : self.requiresGrad ? ", requiresGrad=true" : "";
  if (!self.storage.device.backend.readSync) {
    return `tensor(<not read>, shape=[${self.shape.join(", ")}], dtype=${self.dtype}, device='${self.device}'${grad})`;
  }
  return `tensor(${JSON.stringify(tolist(self))}${grad})`;
}
