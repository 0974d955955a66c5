import type { BinaryName, UnaryName } from "@kindling/storage";
import type { Loop2, Loop3 } from "./iterate.js";
export declare const floatUnary: Partial<Record<UnaryName, Loop2>>;
export declare const floatBinary: Partial<Record<BinaryName, Loop3>>;
