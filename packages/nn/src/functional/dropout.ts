import { dropout as dropoutOf, operator, type Tensor } from "@kindling/autograd";
import type { Cut } from "../args.js";
import { overwriting } from "./activation.js";

type Options = { p?: number; training?: boolean; inplace?: boolean };

/** Zeroes elements with probability `p` and scales the others by 1 / (1 − p); without `training` returns `input`. */
export const dropout = operator<
  (input: Tensor, ...args: Cut<[p: number, training: boolean, inplace: boolean], Options>) => Tensor
>(
  "dropout(input, p=0.5, training=true, inplace=false)",
  (input: Tensor, p: number, training: boolean, inplace: boolean) =>
    overwriting(inplace && training, input, (x) => dropoutOf(x, p, training)),
);
