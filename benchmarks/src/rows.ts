import type { Group } from "./row.js";
import { convolution } from "./rows/convolution.js";
import { fiveGradients } from "./rows/five-gradients.js";
import { longLoops } from "./rows/long-loops.js";
import { products } from "./rows/matmul.js";
import { memory } from "./rows/memory.js";
import { models } from "./rows/models.js";
import { namesModel } from "./rows/names-model.js";
import { freshMillion, inPlaceMillion, tenThousand } from "./rows/pointwise.js";
import { recurrent } from "./rows/recurrent.js";
import { smallOperations } from "./rows/small-operations.js";
import { styleTransfer } from "./rows/style-transfer.js";

/** All rows, in the order of the table. */
export const groups: readonly Group[] = [
  smallOperations,
  namesModel,
  recurrent,
  products,
  convolution,
  tenThousand,
  inPlaceMillion,
  freshMillion,
  models,
  styleTransfer,
  fiveGradients,
  memory,
  longLoops,
];
