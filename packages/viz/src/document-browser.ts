import { KindlingError } from "@kindling/autograd";
import type { PlotOptions } from "@observablehq/plot";

/**
 * Where charts are built before they are written down: the page's document.
 * @throws KindlingError in a worker, which has none
 */
export function chartDocument(): NonNullable<PlotOptions["document"]> {
  const { document } = globalThis as { document?: NonNullable<PlotOptions["document"]> };
  if (document !== undefined) return document;
  throw new KindlingError(
    "charts need a document, which workers do not have: draw in the page, or set globalThis.document to that of a library such as linkedom",
  );
}
