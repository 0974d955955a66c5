import type { Tensor } from "./tensor.js";
/** How tensors are printed. */
export interface PrintOptions {
    /** Digits behind the point (default 4). */
    precision?: number;
    /** Above this number of elements only the edges are shown (default 1000). */
    threshold?: number;
    /** How many elements of each end of a dimension are shown then (default 3). */
    edgeitems?: number;
    /** Characters of a line (default 80). */
    linewidth?: number;
    /** Scientific notation always (`true`), never (`false`), or where the values ask for it (`null`, the default). */
    sciMode?: boolean | null;
}
/** Changes how tensors are printed; what is absent stays as it is, but for `sciMode`, which goes back to `null`. */
export declare function setPrintoptions(changes: PrintOptions): void;
/**
 * The tensor as PyTorch prints it: four digits, the edges alone of more than 1000 elements, then what is not the default of
 * dtype, device and graph. On a device that cannot be read synchronously `<not read>` stands for the elements.
 */
export declare function print(self: Tensor): string;
