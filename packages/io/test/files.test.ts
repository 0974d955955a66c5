import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { tensor, zeros } from "@kindling/autograd";
import ts from "typescript";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FormatError, load, loadSafetensors, save, saveSafetensors, serialize, writeFileAtomic } from "../src/index.js";
import * as browser from "../src/platform-browser.js";

let folder: string;
const at = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "io-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  vi.unstubAllGlobals();
});

describe("load", () => {
  it("reads paths, URLs, blobs, buffers and bytes alike", async () => {
    const bytes = serialize({ w: tensor([1, 2]) });
    writeFileSync(at("w.safetensors"), bytes);
    const buffer = bytes.buffer.slice(0) as ArrayBuffer;
    for (const source of [at("w.safetensors"), pathToFileURL(at("w.safetensors")), new Blob([buffer]), buffer, bytes]) {
      expect((await load(source)).w.tolist()).toEqual([1, 2]);
    }
  });

  it("names the file in errors", async () => {
    writeFileSync(at("torn.safetensors"), serialize({ w: tensor([1, 2]) }).slice(0, 70));
    await expect(load(at("torn.safetensors"))).rejects.toThrow(`${at("torn.safetensors")}, `);
    await expect(load(at("torn.safetensors"))).rejects.toThrow(FormatError);
    await expect(load(at("none.safetensors"))).rejects.toThrow("ENOENT");
    writeFileSync(at("model.pth"), "something else");
    await expect(load(at("model.pth"))).rejects.toThrow(
      "model.pth, byte 0: neither safetensors, nor a file of PyTorch",
    );
    await expect(save({}, at("model"))).rejects.toThrow("names no format; known are .safetensors");
    await expect(load(3 as never)).rejects.toThrow("load() takes a path");
  });
});

describe("save", () => {
  it("writes what load reads, metadata included", async () => {
    await save({ a: tensor([[1], [2]]) }, at("a.safetensors"), { metadata: { step: "7" } });
    const { tensors, metadata } = await loadSafetensors(at("a.safetensors"));
    expect(tensors.a.tolist()).toEqual([[1], [2]]);
    expect({ ...metadata }).toEqual({ step: "7" });
    await saveSafetensors({ a: tensor([4]) }, at("a.bin"), { metadata: { step: "8" } });
    expect((await loadSafetensors(at("a.bin"))).metadata.step).toBe("8");
    await save({ a: tensor([3]) }, pathToFileURL(at("a.safetensors")));
    expect((await load(at("a.safetensors"))).a.tolist()).toEqual([3]);
  });

  it("leaves the old file and no other when it fails", async () => {
    await save({ a: tensor([1]) }, at("a.safetensors"));
    await expect(save({ a: "no tensor" as never }, at("a.safetensors"))).rejects.toThrow("holds tensors only");
    await expect(save({ a: tensor([1]) }, join(folder, "none", "a.safetensors"))).rejects.toThrow("ENOENT");
    await expect(writeFileAtomic(folder, new Uint8Array(3))).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(["a.safetensors"]);
    expect((await load(at("a.safetensors"))).a.tolist()).toEqual([1]);
  });

  it("keeps links, permissions, and what is no file", async () => {
    writeFileSync(at("target"), "old", { mode: 0o600 });
    symlinkSync(at("target"), at("link"));
    await writeFileAtomic(at("link"), "new");
    expect(readFileSync(at("target"), "utf8")).toBe("new");
    expect(lstatSync(at("link")).isSymbolicLink()).toBe(true);
    expect(statSync(at("target")).mode & 0o777).toBe(0o600);
    await expect(writeFileAtomic(folder, "new")).rejects.toThrow("is no regular file");
    expect(readdirSync(folder).sort()).toEqual(["link", "target"]);
  });

  it("says which file it could not write", async () => {
    const path = join(at("absent"), "t.safetensors");
    await expect(save({ t: tensor([1]) }, path)).rejects.toThrow(`cannot write ${path}: ENOENT`);
    await expect(save({ t: tensor([1]) }, path)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("takes any view of bytes, and refuses what is no source", async () => {
    const bytes = serialize({ t: tensor([1]) });
    expect((await load(new DataView(bytes.buffer))).t.tolist()).toEqual([1]);
    for (const source of [null, undefined, 5, {}]) {
      await expect(load(source as never)).rejects.toThrow(
        "load() takes a path, a URL, a Blob, an ArrayBuffer or a view",
      );
    }
  });

  it("takes tensors as they are at the call", async () => {
    const t = tensor([1]);
    const saved = save({ t }, at("t.safetensors"));
    t.fill_(2);
    await saved;
    expect((await load(at("t.safetensors"))).t.tolist()).toEqual([1]);
  });

  it("leaves a whole file when the process is killed in the middle", async () => {
    const path = at("big.safetensors");
    const [old, next] = [1, 2].map((value) => serialize({ a: zeros(500_000).add(value) }));
    writeFileSync(path, old);
    writeFileSync(at("next"), next);
    const source = readFileSync(new URL("../src/platform-node.ts", import.meta.url), "utf8");
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: 99 },
    });
    writeFileSync(at("errors.js"), "export class FormatError extends Error {}");
    writeFileSync(at("package.json"), '{"type":"module"}');
    writeFileSync(
      at("program.mjs"),
      `${outputText}
      import { readFileSync } from "node:fs";
      const bytes = readFileSync(${JSON.stringify(at("next"))});
      console.log("writing");
      for (;;) await writeFile(${JSON.stringify(path)}, [bytes]);`,
    );
    let replaced = 0;
    for (const delay of [0, 1, 2, 3, 5, 8, 13, 40]) {
      const child = spawn(process.execPath, [at("program.mjs")], { stdio: ["ignore", "pipe", "inherit"] });
      const gone = once(child, "exit");
      await Promise.race([once(child.stdout, "data"), gone]);
      await new Promise((passed) => setTimeout(passed, delay));
      child.kill("SIGKILL");
      expect(await gone).toEqual([null, "SIGKILL"]);
      const found = readFileSync(path);
      expect(found.equals(old) || found.equals(next)).toBe(true);
      if (found.equals(next)) replaced++;
      writeFileSync(path, old);
    }
    expect(replaced).toBeGreaterThan(0);
  });
});

describe("in a browser", () => {
  it("fetches, and refuses to write with a way out", async () => {
    vi.stubGlobal("fetch", async (url: string) =>
      url === "/w" ? new Response(Uint8Array.of(1, 2)) : new Response("", { status: 404, statusText: "Not Found" }),
    );
    const source = await browser.openPath("/w", "/w");
    expect([...(await source.read(0, source.size))]).toEqual([1, 2]);
    await expect(browser.openPath("/x", "/x")).rejects.toThrow("/x: 404 Not Found");
    await expect(browser.writeFile("a", [new Uint8Array()])).rejects.toThrow("give the bytes");
  });
});
