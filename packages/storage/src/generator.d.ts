/**
 * The random generator of the `cpu` device: mt19937 (Matsumoto and Nishimura 1998), which gives the very stream of
 * PyTorch's CPU generator for the same seed. The distributions that draw from it are functions of their own.
 */
export declare class Generator {
    #private;
    readonly device = "cpu";
    /** Second half of the last pair of float64 normals, which the next single draw uses; NaN when there is none. */
    nextDoubleNormal: number;
    /** Its float32 sibling. PyTorch's CPU kernels never fill it, but it travels with the state. */
    nextFloatNormal: number;
    constructor();
    /**
     * Starts the stream of a seed and forgets cached normals.
     * @param seed an integer in [-2^63, 2^64); a negative one counts from 2^64. Only its low 32 bits choose the stream.
     * @throws ArgumentError when it is no such integer
     */
    manualSeed(seed: number | bigint): this;
    /** Seeds with a number of 53 bits that differs at every call, and returns it. */
    seed(): number;
    /** The seed that the stream started from: a number, or a bigint beyond 2^53. */
    initialSeed(): number | bigint;
    /** The next 32 bits, as an integer in [0, 2^32). */
    random32(): number;
    /** The next 64 bits, as an integer in [0, 2^64): two draws, the high half first. */
    random64(): bigint;
    /** The low 53 bits of the next 64, as an integer in [0, 2^53): what a float64 in [0, 1) is made of. */
    random53(): number;
    /** The whole state: 5056 bytes, laid out as `torch.get_rng_state()` gives them. */
    getState(): Uint8Array;
    /**
     * Continues from a state that `getState` or `torch.get_rng_state()` gave.
     * @throws ArgumentError when the bytes are none; the generator is then unchanged
     */
    setState(bytes: Uint8Array): this;
    /** A generator of its own at the same place of the same stream. */
    clone(): Generator;
}
