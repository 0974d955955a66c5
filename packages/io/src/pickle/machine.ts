import { type Context, copied, fullName, nameOf, partsOf, type Unpickled } from "./context.js";
import { Cursor } from "./cursor.js";
import { Buildable, Dict, Foreign, Instance, Known, Members, Tuple, Unfit } from "./values.js";

/*
 * The stack machine of pickles, protocols 0 to 5 (Python's Lib/pickletools.py tells what each instruction does). Names are looked up in a
 * list and nowhere else: nothing that a file says is ever imported or called.
 */

/** Instructions of a pickle; one that takes memory, in the machine and in what its result becomes, counts as several. */
const MOST_STEPS = 8_000_000;
const CONTAINER_STEPS = 8;
const CALL_STEPS = 8;

class Mark {}
const MARK = new Mark();

/**
 * Reads the pickle that begins at byte `start`.
 * @throws FormatError where it is broken, or would call what is not known; the text names that
 */
export function unpickle(bytes: Uint8Array, start: number, context: Context): Unpickled {
  return new Machine(bytes, start, context).run();
}

class Machine {
  readonly #cursor: Cursor;
  readonly #context: Context;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();
  readonly #foreign: Foreign[] = [];
  readonly #names = new Map<string, unknown>();
  #steps = 0;
  /** Where the instruction at work stands. */
  #at = 0;

  constructor(bytes: Uint8Array, start: number, context: Context) {
    this.#cursor = new Cursor(bytes, start, context.file, context.place);
    this.#context = context;
  }

  run(): Unpickled {
    const cursor = this.#cursor;
    for (;;) {
      this.#at = cursor.at;
      const op = cursor.u8();
      if (op === 0x2e) break;
      this.#spend(1);
      try {
        this.#step(op);
      } catch (error) {
        if (error instanceof Unfit) this.#refuse(error.message);
        throw error;
      }
    }
    const value = this.#pop();
    return { value, end: cursor.at, foreign: this.#foreign };
  }

  #refuse(problem: string): never {
    return this.#cursor.refuse(problem, this.#at);
  }

  #spend(steps: number): void {
    if ((this.#steps += steps) > MOST_STEPS) this.#refuse(`more than ${MOST_STEPS} objects and instructions`);
  }

  #pop(): unknown {
    if (this.#stack.length === 0) this.#refuse("something should be on the stack, but it is empty");
    const value = this.#stack.pop();
    if (value === MARK) this.#refuse("a mark where a value should be");
    return value;
  }

  #top(): unknown {
    const value = this.#stack.at(-1);
    if (value === undefined || value === MARK) this.#refuse("something should be on the stack, but it is empty");
    return value;
  }

  /** What stands above the last mark, which goes. */
  #marked(): unknown[] {
    const at = this.#stack.lastIndexOf(MARK);
    if (at < 0) this.#refuse("a mark should be on the stack, but there is none");
    const items = this.#stack.splice(at);
    items.shift();
    return items;
  }

  #step(op: number): void {
    const cursor = this.#cursor;
    const stack = this.#stack;
    switch (op) {
      case 0x80: {
        const version = cursor.u8();
        if (version > 5) this.#refuse(`pickle protocol ${version} is unknown`);
        return;
      }
      case 0x95: // frame
        cursor.u64();
        return;
      case 0x28:
        stack.push(MARK);
        return;
      case 0x30: // pop
        if (stack.length === 0) this.#refuse("something should be on the stack, but it is empty");
        stack.pop();
        return;
      case 0x31:
        this.#marked();
        return;
      case 0x32:
        stack.push(this.#top());
        return;
      case 0x4e:
        stack.push(null);
        return;
      case 0x88:
        stack.push(true);
        return;
      case 0x89:
        stack.push(false);
        return;
      case 0x4a:
        stack.push(cursor.i32());
        return;
      case 0x4b:
        stack.push(cursor.u8());
        return;
      case 0x4d:
        stack.push(cursor.u16());
        return;
      case 0x8a:
        stack.push(cursor.long(cursor.u8()));
        return;
      case 0x8b:
        stack.push(cursor.long(cursor.u32()));
        return;
      case 0x47:
        stack.push(cursor.f64());
        return;
      case 0x46: {
        const text = cursor.line();
        const number = Number(text.replace("inf", "Infinity"));
        if (Number.isNaN(number) && text !== "nan") this.#refuse(`"${text.slice(0, 40)}" is no number`);
        stack.push(number);
        return;
      }
      case 0x49: {
        const text = cursor.line();
        stack.push(text === "00" ? false : text === "01" ? true : cursor.decimal(text));
        return;
      }
      case 0x4c:
        stack.push(cursor.decimal(cursor.line().replace(/L$/, "")));
        return;
      case 0x53: {
        const quoted = /^(['"])(.*)\1$/.exec(cursor.line());
        if (quoted === null || quoted[2].includes("\\")) this.#refuse("a string that is not understood");
        stack.push(quoted[2]);
        return;
      }
      case 0x54:
        stack.push(cursor.textOrBytes(cursor.u32()));
        return;
      case 0x55:
        stack.push(cursor.textOrBytes(cursor.u8()));
        return;
      case 0x56:
        stack.push(
          cursor
            .line()
            .replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, short, long) => cursor.character(short ?? long)),
        );
        return;
      case 0x58:
        stack.push(cursor.text(cursor.u32()));
        return;
      case 0x8c:
        stack.push(cursor.text(cursor.u8()));
        return;
      case 0x8d:
        stack.push(cursor.text(cursor.u64()));
        return;
      case 0x42:
        stack.push(cursor.bytes(cursor.u32()));
        return;
      case 0x43:
        stack.push(cursor.bytes(cursor.u8()));
        return;
      case 0x8e:
      case 0x96:
        stack.push(cursor.bytes(cursor.u64()));
        return;
      case 0x5d:
        this.#spend(CONTAINER_STEPS);
        stack.push([]);
        return;
      case 0x6c:
        this.#spend(CONTAINER_STEPS);
        stack.push(this.#marked());
        return;
      case 0x29:
        this.#spend(CONTAINER_STEPS);
        stack.push(new Tuple([]));
        return;
      case 0x74:
        this.#spend(CONTAINER_STEPS);
        stack.push(new Tuple(this.#marked()));
        return;
      case 0x85:
      case 0x86:
      case 0x87: {
        this.#spend(CONTAINER_STEPS);
        const items = Array.from({ length: op - 0x84 }, () => this.#pop());
        stack.push(new Tuple(items.reverse()));
        return;
      }
      case 0x7d:
        this.#spend(CONTAINER_STEPS);
        stack.push(new Dict());
        return;
      case 0x64: {
        this.#spend(CONTAINER_STEPS);
        const items = this.#marked();
        const dict = new Dict();
        stack.push(dict);
        this.#setItems(dict, items);
        return;
      }
      case 0x8f:
        this.#spend(CONTAINER_STEPS);
        stack.push(new Members());
        return;
      case 0x91: {
        this.#spend(CONTAINER_STEPS);
        const members = new Members();
        this.#extend(members, this.#marked());
        stack.push(members);
        return;
      }
      case 0x61: {
        const item = this.#pop();
        this.#extend(this.#top(), [item]);
        return;
      }
      case 0x65:
      case 0x90: {
        const items = this.#marked();
        this.#extend(this.#top(), items);
        return;
      }
      case 0x73: {
        const value = this.#pop();
        const key = this.#pop();
        this.#setItems(this.#top(), [key, value]);
        return;
      }
      case 0x75: {
        const items = this.#marked();
        this.#setItems(this.#top(), items);
        return;
      }
      case 0x70:
        this.#memo.set(Number(cursor.decimal(cursor.line())), this.#top());
        return;
      case 0x71:
        this.#memo.set(cursor.u8(), this.#top());
        return;
      case 0x72:
        this.#memo.set(cursor.u32(), this.#top());
        return;
      case 0x94:
        this.#memo.set(this.#memo.size, this.#top());
        return;
      case 0x67:
        stack.push(this.#remembered(Number(cursor.decimal(cursor.line()))));
        return;
      case 0x68:
        stack.push(this.#remembered(cursor.u8()));
        return;
      case 0x6a:
        stack.push(this.#remembered(cursor.u32()));
        return;
      case 0x63: {
        const module = cursor.line();
        stack.push(this.#named(module, cursor.line()));
        return;
      }
      case 0x93: {
        const name = this.#pop();
        const module = this.#pop();
        if (typeof name !== "string" || typeof module !== "string") this.#refuse("a name that is no text");
        stack.push(this.#named(module, name));
        return;
      }
      case 0x52: {
        const args = this.#pop();
        stack.push(this.#call(this.#pop(), this.#argumentsOf(args), false));
        return;
      }
      case 0x81: {
        const args = this.#pop();
        stack.push(this.#call(this.#pop(), this.#argumentsOf(args), true));
        return;
      }
      case 0x92: {
        const named = this.#pop();
        const args = this.#pop();
        const type = this.#pop();
        if (!(named instanceof Dict) || named.entries.size > 0)
          this.#refuse(`${nameOf(type)} should be made of named arguments`);
        stack.push(this.#call(type, this.#argumentsOf(args), true));
        return;
      }
      case 0x69: {
        const module = cursor.line();
        const type = this.#named(module, cursor.line());
        stack.push(this.#call(type, this.#marked(), true));
        return;
      }
      case 0x6f: {
        const [type, ...args] = this.#spread(this.#marked());
        stack.push(this.#call(type, args, true));
        return;
      }
      case 0x62: {
        const state = this.#pop();
        this.#build(this.#top(), state);
        return;
      }
      case 0x51:
        stack.push(this.#context.persistent(this.#pop()));
        return;
      default:
        this.#refuse(`instruction 0x${op.toString(16)} is none of a pickle, or none that is read here`);
    }
  }

  /** A short list; longer ones are no arguments, and do not fit on the call stack. */
  #spread(items: unknown[]): unknown[] {
    return items.length <= 10_000 ? items : this.#refuse(`${items.length} items at once`);
  }

  #argumentsOf(args: unknown): readonly unknown[] {
    return args instanceof Tuple ? args.items : this.#refuse("the arguments of a call are no tuple");
  }

  #remembered(key: number): unknown {
    const value = this.#memo.get(key);
    return value === undefined ? this.#refuse(`nothing is remembered under ${key}`) : value;
  }

  #named(module: string, name: string): unknown {
    const full = fullName(module, name);
    let found = this.#names.get(full);
    if (found === undefined) {
      found = this.#context.known(full);
      if (found === undefined) this.#foreign.push((found = new Foreign(full.slice(0, 200))) as Foreign);
      this.#names.set(full, found);
    }
    return found;
  }

  #call(type: unknown, args: readonly unknown[], makes: boolean): unknown {
    this.#spend(CALL_STEPS + copied(args));
    if (type instanceof Known && type.make !== null) return type.make(args);
    // an object of a class is its state, which is read; what its class would do with arguments is not known
    if (type instanceof Foreign && makes && args.length === 0) return new Instance(type);
    return this.#refuse(
      `the file wants ${nameOf(type)} called, which is not on the short list of what is read here; nothing else of a file is ever run`,
    );
  }

  #extend(list: unknown, items: unknown[]): void {
    if (Array.isArray(list)) for (const item of items) list.push(item);
    else if (list instanceof Members) for (const item of items) list.items.push(item);
    else if (list instanceof Instance) for (const item of items) list.content.push(item);
    else this.#refuse("items for what is no list");
  }

  #setItems(dict: unknown, items: unknown[]): void {
    if (items.length % 2 !== 0) this.#refuse("a key without a value");
    if (dict instanceof Instance) {
      this.#extend(dict, items);
      return;
    }
    if (!(dict instanceof Dict)) this.#refuse("entries for what is no dictionary");
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
  }

  #build(object: unknown, state: unknown): void {
    if (object instanceof Buildable) this.#spend(copied(partsOf(state)));
    if (object instanceof Buildable) object.build(state);
    // attributes of a dictionary (`_metadata` of a state dict) are not read
    else if (!(object instanceof Dict)) this.#refuse("a state for what has none");
  }
}
