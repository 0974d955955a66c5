import type { BinaryName, UnaryName } from "@kindling/storage";
import type { Loop2, Loop3 } from "./iterate.js";
export declare const integerUnary: Partial<Record<UnaryName, Loop2>>;
export declare const integerBinary: Partial<Record<BinaryName, Loop3>>;
export declare const boolUnary: Partial<Record<UnaryName, Loop2>>;
export declare const boolBinary: Partial<Record<BinaryName, Loop3>>;
export declare const int64Unary: Partial<Record<UnaryName, Loop2>>;
export declare const int64Binary: Partial<Record<BinaryName, Loop3>>;
