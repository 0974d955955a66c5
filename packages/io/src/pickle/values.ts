/*
 * What an unpickled file is made of before it is converted: null, booleans, numbers, bigints, strings, arrays (lists) and bytes stand for
 * themselves.
 */

/** A dictionary. */
export class Dict {
  #entries: Map<unknown, unknown> | null = null; // thousands of empty ones cost little

  set(key: unknown, value: unknown): void {
    (this.#entries ??= new Map()).set(key, value);
  }

  get(key: unknown): unknown {
    return this.#entries?.get(key);
  }

  get entries(): ReadonlyMap<unknown, unknown> {
    return this.#entries ?? none;
  }
}
const none: ReadonlyMap<unknown, unknown> = new Map();

/** A tuple. */
export class Tuple {
  readonly items: unknown[];

  constructor(items: unknown[]) {
    this.items = items;
  }
}

/** A set or frozen set. */
export class Members {
  readonly items: unknown[] = [];
}

/** Something that may be made: what a file can name without harm. */
export class Known {
  readonly name: string;
  /** Makes one of the arguments; a class that stands only as an argument of others has none. */
  readonly make: ((args: readonly unknown[]) => unknown) | null;

  constructor(name: string, make: ((args: readonly unknown[]) => unknown) | null = null) {
    this.name = name;
    this.make = make;
  }
}

/** A name of a class or function that is not known. It is never looked up, and never called. */
export class Foreign {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Something that takes a state after it was made. */
export abstract class Buildable {
  abstract build(state: unknown): void;
}

/** An object of a foreign class: nothing but its state. */
export class Instance extends Buildable {
  readonly type: Foreign;
  state: unknown = null;
  /** What a subclass of a list or dictionary holds; nobody reads it, but names in it are found. */
  readonly content: unknown[] = [];

  constructor(type: Foreign) {
    super();
    this.type = type;
  }

  build(state: unknown): void {
    this.state = state;
  }
}

/** A constructor's complaint about its arguments. */
export class Unfit extends Error {}
