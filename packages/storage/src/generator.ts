import type { HostArray } from "./dtype.js";
import { ArgumentError } from "./errors.js";

/** Words of the state of mt19937. */
const N = 624;
const M = 397;

/** PyTorch's seed of a fresh generator. */
const DEFAULT_SEED = 67280421310721;

// The layout of torch.get_rng_state(): byte offsets, everything little-endian. The words are stored as 64-bit integers,
// and a few fields are relics that PyTorch writes as zero.
const STATE_BYTES = 5056;
const AT_SEED = 0; //                 uint64
const AT_LEFT = 8; //                 int32: draws until the next twist, plus one
const AT_SEEDED = 12; //              int32: 1
const AT_NEXT = 16; //                uint64: index of the next word
const AT_WORDS = 24; //               uint64 × 624
const AT_DOUBLE_NORMAL = 5024; //     float64
const AT_DOUBLE_NORMAL_HELD = 5040; // int32
const AT_FLOAT_NORMAL = 5048; //      float32
const AT_FLOAT_NORMAL_HELD = 5052; // bool

/**
 * The random generator of the `cpu` device: mt19937 (Matsumoto and Nishimura 1998), which gives the very stream of
 * PyTorch's CPU generator for the same seed. The distributions that draw from it are functions of their own.
 */
export class Generator {
  readonly device = "cpu";

  /** Second half of the last pair of float64 normals, which the next single draw uses; NaN when there is none. */
  nextDoubleNormal = Number.NaN;
  /** Its float32 sibling. PyTorch's CPU kernels never fill it, but it travels with the state. */
  nextFloatNormal = Number.NaN;

  // Signed words: V8 keeps them as small integers, where unsigned ones would become doubles.
  readonly #words = new Int32Array(N);
  #left = 1;
  #next = 0;
  #seedValue = 0n;

  constructor() {
    this.manualSeed(DEFAULT_SEED);
  }

  /**
   * Starts the stream of a seed and forgets cached normals.
   * @param seed an integer in [-2^63, 2^64); a negative one counts from 2^64. Only its low 32 bits choose the stream.
   * @throws ArgumentError when it is no such integer
   */
  manualSeed(seed: number | bigint): this {
    if (typeof seed !== "bigint" && !Number.isInteger(seed)) {
      throw new ArgumentError(`manualSeed expects an integer, but got ${seed}`, { seed });
    }
    const value = BigInt(seed);
    if (value < -(2n ** 63n) || value >= 2n ** 64n) {
      throw new ArgumentError(`manualSeed expects a seed in [-2^63, 2^64), but got ${seed}`, { seed });
    }
    this.#seedValue = BigInt.asUintN(64, value);
    const words = this.#words;
    words[0] = Number(BigInt.asIntN(32, value));
    for (let i = 1; i < N; i++) {
      const previous = words[i - 1];
      words[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
    this.#left = 1;
    this.#next = 0;
    this.nextDoubleNormal = Number.NaN;
    this.nextFloatNormal = Number.NaN;
    return this;
  }

  /** Seeds with a number of 53 bits that differs at every call, and returns it. */
  seed(): number {
    const seed = Math.floor(Math.random() * 2 ** 21) * 2 ** 32 + Math.floor(Math.random() * 2 ** 32);
    this.manualSeed(seed);
    return seed;
  }

  /** The seed that the stream started from: a number, or a bigint beyond 2^53. */
  initialSeed(): number | bigint {
    return this.#seedValue <= Number.MAX_SAFE_INTEGER ? Number(this.#seedValue) : this.#seedValue;
  }

  /** The next 32 bits, as an integer in [0, 2^32). */
  random32(): number {
    if (--this.#left === 0) this.#twist();
    return tempered(this.#words[this.#next++]) >>> 0;
  }

  /** The next 64 bits, as an integer in [0, 2^64): two draws, the high half first. */
  random64(): bigint {
    const high = BigInt(this.random32());
    return (high << 32n) | BigInt(this.random32());
  }

  /** The low 53 bits of the next 64, as an integer in [0, 2^53): what a float64 in [0, 1) is made of. */
  random53(): number {
    const high = this.random32() & 0x1fffff;
    return high * 4294967296 + this.random32();
  }

  /** Fills `out` with 1 for each `random53` that is below `limit`, else 0. Most need no more than the high half to be told apart. */
  fillBelow(out: Exclude<HostArray, BigInt64Array>, limit: number): void {
    const words = this.#words;
    const high = Math.floor(limit / 4294967296);
    const low = limit - high * 4294967296;
    for (let i = 0; i < out.length; ) {
      const pairs = Math.min((this.#left - 1) >> 1, out.length - i);
      let at = this.#next;
      for (const end = i + pairs; i < end; i++, at += 2) {
        const x = tempered(words[at]) & 0x1fffff;
        out[i] = x < high || (x === high && tempered(words[at + 1]) >>> 0 < low) ? 1 : 0;
      }
      this.#next = at;
      this.#left -= 2 * pairs;
      // where the words run out
      if (i < out.length) out[i++] = this.random53() < limit ? 1 : 0;
    }
  }

  /** The whole state: 5056 bytes, laid out as `torch.get_rng_state()` gives them. */
  getState(): Uint8Array {
    const bytes = new Uint8Array(STATE_BYTES);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(AT_SEED, this.#seedValue, true);
    view.setInt32(AT_LEFT, this.#left, true);
    view.setInt32(AT_SEEDED, 1, true);
    view.setUint32(AT_NEXT, this.#next, true);
    for (let i = 0; i < N; i++) view.setInt32(AT_WORDS + 8 * i, this.#words[i], true);
    if (!Number.isNaN(this.nextDoubleNormal)) {
      view.setFloat64(AT_DOUBLE_NORMAL, this.nextDoubleNormal, true);
      view.setInt32(AT_DOUBLE_NORMAL_HELD, 1, true);
    }
    if (!Number.isNaN(this.nextFloatNormal)) {
      view.setFloat32(AT_FLOAT_NORMAL, this.nextFloatNormal, true);
      view.setUint8(AT_FLOAT_NORMAL_HELD, 1);
    }
    return bytes;
  }

  /**
   * Continues from a state that `getState` or `torch.get_rng_state()` gave.
   * @throws ArgumentError when the bytes are none; the generator is then unchanged
   */
  setState(bytes: Uint8Array): this {
    if (!(bytes instanceof Uint8Array)) throw new ArgumentError("RNG state must be a Uint8Array");
    if (bytes.length !== STATE_BYTES) {
      throw new ArgumentError(
        `Expected a generator state of ${STATE_BYTES} bytes, but found the input RNG state size to be ${bytes.length}`,
        { size: bytes.length },
      );
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, STATE_BYTES);
    const left = view.getInt32(AT_LEFT, true);
    const next = Number(view.getBigUint64(AT_NEXT, true));
    // `left - 1` words are still to be read, from `next` on.
    if (view.getInt32(AT_SEEDED, true) !== 1 || left < 1 || left > N || left + next > N + 1) {
      throw new ArgumentError("Invalid mt19937 state", { left, next });
    }
    this.#seedValue = view.getBigUint64(AT_SEED, true);
    this.#left = left;
    this.#next = next;
    for (let i = 0; i < N; i++) this.#words[i] = view.getInt32(AT_WORDS + 8 * i, true);
    const doubleHeld = view.getInt32(AT_DOUBLE_NORMAL_HELD, true) !== 0;
    const floatHeld = view.getUint8(AT_FLOAT_NORMAL_HELD) !== 0;
    this.nextDoubleNormal = doubleHeld ? view.getFloat64(AT_DOUBLE_NORMAL, true) : Number.NaN;
    this.nextFloatNormal = floatHeld ? view.getFloat32(AT_FLOAT_NORMAL, true) : Number.NaN;
    return this;
  }

  /** A generator of its own at the same place of the same stream. */
  clone(): Generator {
    return new (this.constructor as typeof Generator)().setState(this.getState());
  }

  /** Replaces all words by the next 624 of the recurrence; in pieces, so that no index wraps inside a loop. */
  #twist(): void {
    const words = this.#words;
    for (let i = 0; i < N - M; i++) words[i] = words[i + M] ^ mix(words[i], words[i + 1]);
    for (let i = N - M; i < N - 1; i++) words[i] = words[i + M - N] ^ mix(words[i], words[i + 1]);
    words[N - 1] = words[M - 1] ^ mix(words[N - 1], words[0]);
    this.#left = N;
    this.#next = 0;
  }
}

/** What is given out of a word of the state. */
function tempered(word: number): number {
  let y = word ^ (word >>> 11);
  y ^= (y << 7) & 0x9d2c5680;
  y ^= (y << 15) & 0xefc60000;
  return y ^ (y >>> 18);
}

/** The top bit of one word joined to the others of the next, times the matrix of the recurrence. */
function mix(word: number, follower: number): number {
  return (((word & 0x80000000) | (follower & 0x7fffffff)) >>> 1) ^ (-(follower & 1) & 0x9908b0df);
}
