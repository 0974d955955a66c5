import { type Device, type DType, type Shape } from "@kindling/storage";
import { type Derivative, Node } from "./node.js";
import { type Tensor } from "./tensor.js";
/** Whether an operator on these tensors goes into the graph. */
export declare function recording(a: Tensor, b?: Tensor | null, c?: Tensor | null): boolean;
export declare function recordingAny(tensors: readonly (Tensor | null)[]): boolean;
/** Where the gradient of `t` goes: the node that made it, or a leaf's accumulator, or nowhere. */
export declare function edgeOf(t: Tensor): Node | null;
/** A node over `inputs` (`null`: not a tensor) whose first output looks as told. */
export declare function makeNode(derivative: Derivative, inputs: readonly (Tensor | null)[], shape: Shape, dtype: DType, device: Device): Node;
/** Makes `out` the result of a node over `inputs`; the node is returned for saving values on it. */
export declare function record(derivative: Derivative, out: Tensor, inputs: readonly (Tensor | null)[]): Node;
/** The same for an operator of several outputs. */
export declare function recordMany(derivative: Derivative, outs: readonly Tensor[], inputs: readonly (Tensor | null)[]): Node;
