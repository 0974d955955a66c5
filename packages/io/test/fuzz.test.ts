import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { KindlingError, tensor } from "@kindling/autograd";
import { describe, expect, it } from "vitest";
import { load, serialize, serializeNpy, serializeNpz, serializeTorch } from "../src/index.js";
import { named } from "./hostile.js";

/* Files cut off or changed anywhere: each is read, or refused as it should be. */

const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));
const at = (name: string): Uint8Array => new Uint8Array(readFileSync(`${fixtures}/${name}`));

/** Numbers that are the same for a seed (Marsaglia's xorshift). */
function numbers(seed: number): (below: number) => number {
  let x = seed | 0 || 1;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

describe("files cut off or changed anywhere", () => {
  const seed = Number(process.env.KINDLING_SEED ?? Date.now() % 1_000_000);
  console.log(`seed of the changed files: ${seed}`);

  // In a browser each read of a Blob asks another process.
  const [cuts, changes] = "document" in globalThis ? [4, 12] : [60, 250];

  const files: [string, Uint8Array][] = [
    ["safetensors", serialize({ w: tensor([1, 2]), b: tensor([1n]) })],
    ["npy", serializeNpy(tensor([1, 2]))],
    ["npz", serializeNpz({ w: tensor([1, 2]) })],
    ["pt", serializeTorch({ w: tensor([1, 2]), list: [1, "a", null] })],
    ...readdirSync(fixtures)
      .filter((name) =>
        /^(zip-(state|module|deflated|stream|protocol4)|legacy-(views|nested|module)|compressed)/.test(name),
      )
      .map((name): [string, Uint8Array] => [name, at(name)]),
  ];

  /** Reads a file, or refuses it as it should. */
  async function survive(file: Uint8Array): Promise<boolean> {
    try {
      await load<unknown>(named(file, "changed"));
      return true;
    } catch (error) {
      if (!(error instanceof KindlingError)) throw error;
      expect(error.message.startsWith("changed")).toBe(true);
      return false;
    }
  }

  it.each(files)(
    "%s",
    async (_name, whole) => {
      const random = numbers(seed);
      for (let i = 0; i < cuts; i++)
        expect(await survive(whole.slice(0, i === 0 ? 0 : random(whole.length)))).toBe(false);
      for (let i = 0; i < changes; i++) {
        const file = whole.slice();
        const at = random(file.length);
        if (i % 3 === 0) file[at] ^= 1 << random(8);
        else if (i % 3 === 1)
          file.fill(random(2) * 255, at, at + 1 + random(8)); // lengths of all zeros and all ones
        else file.copyWithin(at, random(file.length), random(file.length)); // things twice, and over each other
        await survive(file);
      }
    },
    120_000,
  );
});
