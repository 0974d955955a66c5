import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { arange, ones, tensor, zeros } from "@kindling/autograd";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  FormatError,
  load,
  loadSafetensors,
  openSafetensors,
  save,
  serialize,
  serializeNpz,
  serializeTorch,
} from "../src/index.js";

/* Where files come from: paths, blobs and servers, which are read by ranges; and safetensors in several files. */

let folder: string;
let server: Server;
let base: string;
const at = (name: string): string => join(folder, name);
/** What was asked for, as `path range`. */
let requests: string[] = [];
let answer: (request: IncomingMessage, response: ServerResponse, file: Buffer) => void;

/** A server that knows ranges. */
function ranged(request: IncomingMessage, response: ServerResponse, file: Buffer): void {
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
  if (range === null) {
    response.end(file);
    return;
  }
  const [from, to] = [Number(range[1]), Math.min(Number(range[2]), file.length - 1)];
  if (from >= file.length) response.writeHead(416).end();
  else {
    response.writeHead(206, { "content-range": `bytes ${from}-${to}/${file.length}`, etag: `"${file.length}"` });
    response.end(file.subarray(from, to + 1));
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "io-sources-"));
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url as string, "http://x");
    requests.push(`${pathname} ${request.headers.range ?? "all"}`);
    try {
      answer(request, response, readFileSync(at(pathname)));
    } catch {
      response.writeHead(404, "Not Found").end();
    }
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const url = (path: string): URL => new URL(path, base);

describe("a server", () => {
  it("that knows ranges sends what is needed alone", async () => {
    answer = ranged;
    const big = zeros(1_000_000);
    await save({ a: ones(2), big, z: tensor([3, 4]) }, at("big.safetensors"));
    requests = [];
    const reader = await openSafetensors(url("/big.safetensors?x=1"));
    expect(reader.entries.big).toEqual({ dtype: "F32", shape: [1_000_000], nbytes: 4_000_000 });
    expect((await reader.get("z")).tolist()).toEqual([3, 4]);
    expect(requests).toHaveLength(2);
    expect((await load(url("/big.safetensors"))).big.equal(big)).toBe(true);
  });

  it("gives files of every format", async () => {
    const value = { w: arange(200_000, { dtype: "float32" }), b: ones(3) };
    for (const how of [ranged, (_request: unknown, response: ServerResponse, file: Buffer) => response.end(file)]) {
      answer = how as typeof answer;
      for (const [name, bytes] of [
        ["w.pt", serializeTorch(value)],
        ["w.npz", serializeNpz(value)],
        ["w.safetensors", serialize(value)],
      ] as const) {
        writeFileSync(at(name), bytes);
        const { w, b } = await load(url(`/${name}`));
        expect(w.equal(value.w)).toBe(true);
        expect(b.tolist()).toEqual([1, 1, 1]);
      }
    }
  });

  it("that fails, or changes its file, is told of", async () => {
    answer = ranged;
    await expect(load(url("/none.pt"))).rejects.toThrow(`${base}/none.pt: 404 Not Found`);
    writeFileSync(at("empty.pt"), "");
    await expect(load(url("/empty.pt"))).rejects.toThrow("the file is empty");
    const reader = await openSafetensors(url("/big.safetensors"));
    await save({ a: ones(2), big: zeros(1_000_000), z: tensor([3, 4, 5]) }, at("big.safetensors"));
    await expect(reader.get("z")).rejects.toThrow("did the file change?");
  });

  it("that hides how long the file is is asked for all of it", async () => {
    answer = (request, response, file) => {
      const range = /^bytes=0-(\d+)$/.exec(request.headers.range ?? "");
      if (range === null) response.end(file);
      else response.writeHead(206).end(file.subarray(0, Number(range[1]) + 1));
    };
    expect((await load(url("/w.pt"))).b.tolist()).toEqual([1, 1, 1]);
  });
});

describe("single tensors", () => {
  it("are read of paths and blobs, and only their bytes", async () => {
    await save({ a: tensor([1, 2]), big: zeros(1_000_000) }, at("lazy.safetensors"), { metadata: { made: "here" } });
    const blob = new Blob([readFileSync(at("lazy.safetensors"))]);
    let read = 0;
    const counting = new Proxy(blob, {
      get: (target, key) =>
        key === "slice"
          ? (from: number, to: number) => {
              read += to - from;
              return target.slice(from, to);
            }
          : Reflect.get(target, key, target),
    });
    for (const source of [at("lazy.safetensors"), pathToFileURL(at("lazy.safetensors")), counting]) {
      const reader = await openSafetensors(source);
      expect(Object.keys(reader.entries)).toEqual(["a", "big"]);
      expect({ ...reader.metadata }).toEqual({ made: "here" });
      expect((await reader.get("a")).tolist()).toEqual([1, 2]);
      await expect(reader.get("b")).rejects.toThrow('has no tensor "b"');
    }
    expect(read).toBeLessThan(1000);
  });

  it.each([
    ["safetensors", serialize],
    [".pt", serializeTorch],
    [".npz", serializeNpz],
  ])("that are large come piece by piece: %s", async (_format, write) => {
    const t = arange(3_000_000, { dtype: "float32" });
    const blob = new Blob([write({ t })]);
    let largest = 0;
    const watched = new Proxy(blob, {
      get: (target, key) =>
        key === "slice"
          ? (from: number, to: number) => {
              largest = Math.max(largest, to - from);
              return target.slice(from, to);
            }
          : Reflect.get(target, key, target),
    });
    expect((await load(watched)).t.equal(t)).toBe(true);
    expect(largest).toBe(2 ** 23);
  });

  it("beside one of a dtype that nothing here has", async () => {
    const header = JSON.stringify({
      half: { dtype: "F8_E4M3", shape: [3], data_offsets: [0, 3] },
      whole: { dtype: "U8", shape: [2], data_offsets: [3, 5] },
    });
    const file = new Uint8Array(8 + header.length + 5);
    new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
    file.set(new TextEncoder().encode(header), 8);
    file.set([7, 8], file.length - 2);
    const reader = await openSafetensors(file);
    expect(reader.entries.half.dtype).toBe("F8_E4M3");
    expect((await reader.get("whole")).tolist()).toEqual([7, 8]);
    await expect(reader.get("half")).rejects.toThrow('bytes, tensor "half": dtype "F8_E4M3" is not supported');
    await expect(load(file)).rejects.toThrow(FormatError);
  });

  it("are not read of a file that has become another", async () => {
    const reader = await openSafetensors(at("lazy.safetensors"));
    utimesSync(at("lazy.safetensors"), 1, 1);
    await expect(reader.get("a")).rejects.toThrow("the file has changed while it was read");
  });
});

describe("several files", () => {
  const index = (map: unknown, more = {}): string =>
    JSON.stringify({ metadata: { total_size: 8 }, weight_map: map, ...more });

  beforeAll(async () => {
    await save({ a: tensor([1]), b: tensor([2]) }, at("model-00001-of-00002.safetensors"));
    await save({ c: tensor([3]) }, at("model-00002-of-00002.safetensors"));
    const map = {
      a: "model-00001-of-00002.safetensors",
      b: "model-00001-of-00002.safetensors",
      c: "model-00002-of-00002.safetensors",
    };
    writeFileSync(at("model.safetensors.index.json"), index(map));
  });

  it("are read through their index, from paths and servers", async () => {
    answer = ranged;
    for (const source of [
      at("model.safetensors.index.json"),
      pathToFileURL(at("model.safetensors.index.json")),
      url("/model.safetensors.index.json"),
    ]) {
      const tensors = await load(source);
      expect(Object.entries(tensors).map(([name, t]) => [name, t.tolist()])).toEqual([
        ["a", [1]],
        ["b", [2]],
        ["c", [3]],
      ]); // prettier-ignore
      expect((await loadSafetensors(source)).metadata.total_size).toBe("8");
      const reader = await openSafetensors(source);
      expect((await reader.get("c")).tolist()).toEqual([3]);
      await expect(reader.get("d")).rejects.toThrow('has no tensor "d"');
    }
  });

  it.each<[string, string, string]>([
    ["no map", "{}", 'it has no object "weight_map"'],
    ["no JSON", "{x", "not JSON in UTF-8"],
    ["a name twice", '{"weight_map":{"a":"x.safetensors","a":"y.safetensors"}}', 'has the key "a" twice'],
    ["a file elsewhere", index({ a: "../model.safetensors" }), "is no safetensors file beside the index"],
    ["a file at the root", index({ a: "/etc/x.safetensors" }), "is no safetensors file beside the index"],
    ["another host", index({ a: "http://host/x.safetensors" }), "is no safetensors file beside the index"],
    ["a number", index({ a: 3 }), "3 is no safetensors file"],
    [
      "a tensor that is not there",
      index({ x: "model-00002-of-00002.safetensors" }),
      "but that file has no such tensor",
    ],
    ["a file that is not there", index({ x: "none.safetensors" }), "ENOENT"],
  ])("%s is refused", async (_name, text, message) => {
    writeFileSync(at("broken.index.json"), text);
    await expect(load(at("broken.index.json"))).rejects.toThrow(message);
  });

  it("are not found beside bytes", async () => {
    await expect(load(readFileSync(at("model.safetensors.index.json")))).rejects.toThrow(
      "it is read from a path or a URL",
    );
  });
});
