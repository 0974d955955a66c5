import { Buffer } from "node:buffer";

/** A buffer of `bytes`, whose content is undefined: filling it with zeros costs more than writing a result into it. */
export const bufferOf = (bytes: number): ArrayBuffer => Buffer.allocUnsafeSlow(bytes).buffer as ArrayBuffer;
