/** Writes a pickle of protocol 2, which every Python 3 (and Python 2) reads. */
export class PickleWriter {
  readonly #parts: Uint8Array[] = [];
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  #memos = 0;

  constructor() {
    this.op(0x80).#u8(2);
  }

  /** Room for a few more bytes. */
  #room(length: number): void {
    if (this.#at + length <= this.#bytes.length) return;
    this.#parts.push(this.#bytes.subarray(0, this.#at));
    this.#bytes = new Uint8Array(Math.max(65_536, length));
    this.#view = new DataView(this.#bytes.buffer);
    this.#at = 0;
  }

  /** An instruction without arguments. */
  op(code: number): this {
    this.#room(1);
    this.#bytes[this.#at++] = code;
    return this;
  }

  #u8(value: number): this {
    return this.op(value);
  }

  #u32(value: number): this {
    this.#room(4);
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
    return this;
  }

  none(): this {
    return this.op(0x4e);
  }

  bool(value: boolean): this {
    return this.op(value ? 0x88 : 0x89);
  }

  /** A whole number as an int, any other as a float. -0 is a float: ints do not have it. */
  number(value: number): this {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      this.op(0x47).#room(8);
      this.#view.setFloat64(this.#at, value);
      this.#at += 8;
      return this;
    }
    if (value >= 0 && value < 256) return this.op(0x4b).#u8(value);
    return value === (value | 0) ? this.op(0x4a).#u32(value) : this.int(BigInt(value));
  }

  /** An int of any size. */
  int(value: bigint): this {
    let length = 1;
    while (BigInt.asIntN(8 * length, value) !== value) length++;
    this.op(length < 256 ? 0x8a : 0x8b);
    if (length < 256) this.#u8(length);
    else this.#u32(length);
    for (let i = 0; i < length; i++) this.#u8(Number((value >> BigInt(8 * i)) & 0xffn));
    return this;
  }

  /** Text, which has no halves of characters. */
  text(value: string): this {
    const bytes = encoder.encode(value);
    this.op(0x58).#u32(bytes.length).#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  /** A class or function by its name. */
  global(module: string, name: string): this {
    this.op(0x63);
    for (const byte of encoder.encode(`${module}\n${name}\n`)) this.op(byte);
    return this;
  }

  /** Remembers what stands on the stack, under the number that is returned. */
  remember(): number {
    this.op(0x72).#u32(this.#memos);
    return this.#memos++;
  }

  recall(memo: number): this {
    return this.op(0x6a).#u32(memo);
  }

  /** The whole pickle; nothing may be written after it. */
  finish(): Uint8Array[] {
    this.op(0x2e);
    return [...this.#parts, this.#bytes.subarray(0, this.#at)];
  }
}

const encoder = new TextEncoder();
