import type { Grad, Node } from "./node.js";
/** Where a pass begins: output `number` of `node`, with its gradient. */
export interface Root {
    readonly node: Node;
    readonly number: number;
    readonly grad: Grad;
}
/** A gradient that a pass hands to its caller instead of (or besides) passing it on. */
export interface Capture {
    /** Where the gradient is caught; `null` where none can arrive. */
    readonly node: Node | null;
    readonly number: number;
    grad: Grad;
}
export interface PassOptions {
    /** Keep saved values for another pass. */
    readonly retainGraph: boolean;
    /** Record the derivatives' own operations. */
    readonly createGraph: boolean;
    /** Walk only where it leads to these, and collect their gradients here. `null`: walk everything. */
    readonly captures: readonly Capture[] | null;
    /** Whether captured leaves accumulate into `.grad` (`backward({ inputs })`) instead of only being handed out. */
    readonly accumulate: boolean;
}
/** Runs a pass. May be called while another one runs, from hooks and derivatives. */
export declare function run(roots: readonly Root[], options: PassOptions): void;
