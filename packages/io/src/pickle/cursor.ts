import { FormatError } from "../errors.js";

/** Digits of an integer written as text; Python reads no more either. */
const MAX_DIGITS = 4300;
/** Bytes of an integer. */
const MAX_LONG = 1024;

/** Raised where bytes end; whoever gave only the first part of a file gives more. To users it is a FormatError like any other. */
export class EndOfBytes extends FormatError {
  override name = "FormatError";
}

/** Reads a pickle's arguments, byte by byte. */
export class Cursor {
  at: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #file: string;
  readonly #place: string;

  /** @param place what errors call the bytes, in front of the number of the byte */
  constructor(bytes: Uint8Array, at: number, file: string, place: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = at;
    this.#file = file;
    this.#place = place;
  }

  refuse(problem: string, at = this.at): never {
    throw new FormatError(this.#file, `${this.#place}byte ${at}`, problem);
  }

  /** Goes on by `length` bytes and says where they began. */
  #take(length: number): number {
    const start = this.at;
    if (length > this.#bytes.length - start) {
      throw new EndOfBytes(
        this.#file,
        `${this.#place}byte ${start}`,
        `${length} bytes should follow, but there are ${this.#bytes.length - start}`,
      );
    }
    this.at += length;
    return start;
  }

  u8(): number {
    return this.#bytes[this.#take(1)];
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  /** A length of 64 bits. */
  u64(): number {
    const value = this.#view.getBigUint64(this.#take(8), true);
    return value <= Number.MAX_SAFE_INTEGER ? Number(value) : this.refuse(`a length of ${value} bytes`, this.at - 8);
  }

  /** A float64; the only number that is big-endian. */
  f64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  /** A copy, so that the file's memory can go. */
  bytes(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.slice(start, start + length);
  }

  /** Text in UTF-8. Halves of characters, which Python can write, become U+FFFD. */
  text(length: number): string {
    const start = this.#take(length);
    return decoder.decode(this.#bytes.subarray(start, start + length));
  }

  /** Text of Python 2, of which nobody knows whether it is text: as bytes where it is no UTF-8. */
  textOrBytes(length: number): string | Uint8Array {
    const start = this.#take(length);
    try {
      return strict.decode(this.#bytes.subarray(start, start + length));
    } catch {
      return this.#bytes.slice(start, start + length);
    }
  }

  /** The characters up to the end of the line. */
  line(): string {
    const end = this.#bytes.indexOf(10, this.at);
    if (end < 0) this.#take(this.#bytes.length - this.at + 1);
    const text = this.text(end - this.at);
    this.at = end + 1;
    return text;
  }

  /** The character of a hexadecimal number. */
  character(hex: string): string {
    const code = Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : this.refuse(`no character has the number ${code}`);
  }

  /** A little-endian integer in two's complement. */
  long(length: number): number | bigint {
    if (length > MAX_LONG) this.refuse(`an integer of ${length} bytes`);
    const start = this.#take(length);
    let value = 0n;
    for (let i = start + length - 1; i >= start; i--) value = (value << 8n) | BigInt(this.#bytes[i]);
    return whole(length === 0 ? 0n : BigInt.asIntN(8 * length, value));
  }

  /** An integer as text. */
  decimal(text: string): number | bigint {
    if (text.length > MAX_DIGITS || !/^[+-]?\d+$/.test(text)) this.refuse(`"${text.slice(0, 40)}" is no integer`);
    return whole(text[0] === "-" ? -BigInt(text.slice(1)) : BigInt(text.replace("+", "")));
  }
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** A number, or a bigint beyond 2^53. */
const whole = (value: bigint): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};
