interface Parameter {
    readonly name: string;
    readonly required: boolean;
    readonly fallback: unknown;
}
/** A parsed signature. */
export interface Signature {
    readonly name: string;
    readonly parameters: readonly Parameter[];
    /** How many of them may come by position. */
    readonly positional: number;
    /** Index of a parameter written `...sizes`, which takes all remaining positions or one array; -1 without. */
    readonly spread: number;
    /** Parameters by name. */
    readonly index: ReadonlyMap<string, number>;
}
/** Reads a signature. Parameters behind `*` come by name only; defaults are JSON. */
export declare function signature(text: string): Signature;
/** Whether a value can be an options object: a plain object, not a tensor, an array or an instance. */
export declare function isOptions(value: unknown): value is Record<string, unknown>;
/**
 * The arguments of a call in the order of the signature, defaults filled in.
 * @throws ArgumentError for too many, missing, unknown or repeated arguments.
 */
export declare function bind(sig: Signature, args: readonly unknown[]): unknown[];
/**
 * An operator whose arguments are bound by `text`; `body` gets them complete, in order.
 * The type `F` is what callers see.
 */
export declare function operator<F extends (...args: never[]) => unknown>(text: string, body: (...args: any[]) => unknown): F;
/** The signatures of all operators made by `operator`, for the documentation. */
export declare const signatures: Map<(...args: never[]) => unknown, string>;
export {};
