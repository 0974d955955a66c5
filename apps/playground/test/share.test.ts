import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { fromHash, toHash } from "../web/share.js";

describe("a program in a link", () => {
  it("comes back as it was, shorter than it is", async () => {
    const program = `console.log("Grüße, ∂, 🔥");\n`.repeat(100);
    const hash = await toHash(program);
    expect(hash).toMatch(/^#code=[\w-]+$/);
    expect(hash.length).toBeLessThan(300);
    expect(await fromHash(hash)).toBe(program);
    expect(await fromHash("")).toBeUndefined();
    expect(await fromHash("#editor")).toBeUndefined();
  });

  it("is refused where it is damaged", async () => {
    const hash = await toHash("console.log(1);");
    const broken = deflateRawSync(Buffer.from([0xff, 0xfe])).toString("base64url"); // no UTF-8
    for (const bad of ["#code=", "#code=%%%", "#code=AAAA", hash.slice(0, -4), `#code=${broken}`]) {
      await expect(fromHash(bad), bad).rejects.toThrow("the link is damaged");
    }
  });

  it("is refused where it is too long, packed or unpacked", async () => {
    const bomb = deflateRawSync(Buffer.alloc(20_000_000)).toString("base64url");
    for (const bad of [`#code=${"A".repeat(1_000_000)}`, `#code=${bomb}`]) {
      await expect(fromHash(bad)).rejects.toThrow("more than a program may have");
    }
    await expect(toHash("x".repeat(300_000))).rejects.toThrow("too long for a link");
  });
});
