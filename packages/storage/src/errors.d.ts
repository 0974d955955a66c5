/**
 * Base of every error that Kindling throws. The facts of the failure (shapes, dtypes, the operator, …) are its own fields,
 * so that programs can act on them without reading the text.
 */
export declare class KindlingError extends Error {
    constructor(message: string, facts?: Readonly<Record<string, unknown>>);
}
/** Shapes, sizes or strides that do not fit together. */
export declare class ShapeError extends KindlingError {
}
/** A dtype that an operator, a promotion or a device cannot take. */
export declare class DTypeError extends KindlingError {
}
/** A device that is absent, not open yet, or cannot do what was asked. */
export declare class DeviceError extends KindlingError {
}
/** A misuse of the graph: second backward, in-place change of a saved value, … */
export declare class AutogradError extends KindlingError {
}
/** A dimension or an index outside its range. */
export declare class IndexError extends KindlingError {
}
/** An argument of the wrong kind or value, an unknown option, a value given twice. */
export declare class ArgumentError extends KindlingError {
}
