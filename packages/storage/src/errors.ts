/** Facts of a failure. What every error has already is not theirs to take: an error called by a parameter's name is of no kind. */
type Facts = Readonly<Record<string, unknown>> & { readonly [own in "name" | "message" | "stack"]?: never };

/**
 * Base of every error that Kindling throws. The facts of the failure (shapes, dtypes, the operator, …) are its own fields,
 * so that programs can act on them without reading the text.
 */
export class KindlingError extends Error {
  constructor(message: string, facts?: Facts) {
    super(message);
    if (facts) Object.assign(this, facts);
    this.name = new.target.name;
  }
}

/** Shapes, sizes or strides that do not fit together. */
export class ShapeError extends KindlingError {}
/** A dtype that an operator, a promotion or a device cannot take. */
export class DTypeError extends KindlingError {}
/** A device that is absent, not open yet, or cannot do what was asked. */
export class DeviceError extends KindlingError {}
/** A misuse of the graph: second backward, in-place change of a saved value, … */
export class AutogradError extends KindlingError {}
/** A dimension or an index outside its range. */
export class IndexError extends KindlingError {}
/** An argument of the wrong kind or value, an unknown option, a value given twice. */
export class ArgumentError extends KindlingError {}
