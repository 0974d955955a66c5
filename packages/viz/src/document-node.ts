import type { PlotOptions } from "@observablehq/plot";
import { parseHTML } from "linkedom";

const { document } = parseHTML("<!doctype html><html><body></body></html>");

/** Where charts are built before they are written down. */
export const chartDocument = (): NonNullable<PlotOptions["document"]> => document as never;
