import { type Shape, type Strides } from "@kindling/storage";
import { type Derivative, Node } from "./node.js";
import { type Tensor, type ViewKind } from "./tensor.js";
/** Where a view lies, relative to the storage. */
export interface Geometry {
    readonly shape: Shape;
    readonly strides: Strides;
    readonly offset: number;
}
/** A view of `t`'s memory; in-place writes through it reach `t` and the graph. */
export declare function viewOf(t: Tensor, shape: Shape, strides: Strides, offset: number, kind?: ViewKind): Tensor;
/**
 * Makes a view's node anew after its base was changed in place; without one, the view is a constant.
 * @throws AutogradError for views of the kinds that must not see their base change.
 */
export declare function refreshView(view: Tensor): Node | null;
/** The derivative of reading a view off its base's memory; the same as that of `asStrided`. */
export declare const AS_STRIDED: Derivative;
/**
 * Asks whether `self` may be changed in place by an operator on `others`, and whether the graph must know of it.
 * @throws AutogradError for leaves that require grad, their views, and views of the kinds that forbid it.
 * @throws ShapeError where elements of `self` share memory.
 */
export declare function beginInPlace(self: Tensor, others?: readonly (Tensor | null)[]): boolean;
/** Counts a write into `self`'s memory. */
export declare function bumpVersion(self: Tensor): void;
/** After the write: `node`, whose first input was `self`, becomes its history; through a view also the base's. */
export declare function rebase(self: Tensor, node: Node): void;
