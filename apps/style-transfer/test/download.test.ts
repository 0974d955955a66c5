import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { cachedPath, download } from "../src/download.js";
import type { Remote } from "../src/torchvision.js";
import { pressCtrlC } from "./ctrl-c.js";

const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 251));
let server: Server;
let remote: Remote;
/** The `range` of each request. */
let asked: (string | undefined)[];
/** How the server misbehaves. */
let mood: "fine" | "breaks" | "slow" | "falls silent" | "no ranges" | "other file" | "missing";

beforeEach(async () => {
  asked = [];
  mood = "fine";
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  server = createServer((request, response) => {
    asked.push(request.headers.range);
    if (mood === "missing") return response.writeHead(404).end();
    const start = mood === "no ranges" ? 0 : Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const body = mood === "other file" ? Buffer.alloc(content.length) : content.subarray(start);
    response.writeHead(start > 0 ? 206 : 200, { "content-length": body.length });
    if (mood === "slow") {
      let sent = 0;
      const pieces = setInterval(() => response.write(body.subarray(sent, (sent += 1000))), 10);
      return response.on("close", () => clearInterval(pieces));
    }
    if (mood === "falls silent") return response.write(body.subarray(0, 1000));
    if (mood !== "breaks") return response.end(body);
    return response.write(body.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 50));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  const sha256 = createHash("sha256").update(content).digest("hex");
  remote = { url: `http://127.0.0.1:${port}/models/net.pth?x=1`, sha256, bytes: content.length };
  vi.stubEnv("XDG_CACHE_HOME", mkdtempSync(join(tmpdir(), "style-cache-")));
});

afterEach(async () => {
  rmSync(process.env.XDG_CACHE_HOME as string, { recursive: true });
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

test("a file is fetched once", async () => {
  const path = await download(remote);
  expect(path).toBe(cachedPath(remote));
  expect(path.endsWith("/kindling/net.pth") || path.endsWith("\\kindling\\net.pth")).toBe(true);
  expect(readFileSync(path).equals(content)).toBe(true);
  expect(await download(remote)).toBe(path);
  expect(asked).toEqual([undefined]);
});

test("what broke off goes on where it ended", async () => {
  mood = "breaks";
  await expect(download(remote)).rejects.toThrow(/broke off .*: the same command goes on from here/);
  const partial = `${cachedPath(remote)}.partial`;
  const { size } = statSync(partial);
  expect(size).toBeGreaterThan(0);
  expect(existsSync(cachedPath(remote))).toBe(false);
  mood = "fine";
  expect(readFileSync(await download(remote)).equals(content)).toBe(true);
  expect(asked).toEqual([undefined, `bytes=${size}-`]);
  expect(existsSync(partial)).toBe(false);
});

test("a server that gives no parts is asked for all of it", async () => {
  mood = "breaks";
  await expect(download(remote)).rejects.toThrow("broke off");
  mood = "no ranges";
  expect(readFileSync(await download(remote)).equals(content)).toBe(true);
});

test("another file, and no file, are refused with a reason", async () => {
  mood = "other file";
  await expect(download(remote)).rejects.toThrow(`not the file it should be: its sha256 is`);
  expect(existsSync(`${cachedPath(remote)}.partial`)).toBe(false);
  mood = "missing";
  await expect(download(remote)).rejects.toThrow("the server says 404");
  await expect(download({ ...remote, url: "http://127.0.0.1:1/net2.pth" })).rejects.toThrow(
    "cannot download http://127.0.0.1:1/net2.pth",
  );
});

test.each(["slow", "falls silent"] as const)("Ctrl-C ends it (the server: %s), and nothing is lost", async (how) => {
  mood = how;
  pressCtrlC();
  vi.spyOn(console, "error").mockReturnValue(undefined);
  await expect(download(remote)).rejects.toThrow("Stopped; the same command goes on from here.");
  mood = "fine";
  expect(readFileSync(await download(remote)).equals(content)).toBe(true);
  expect(asked[1]).toMatch(/^bytes=[1-9]\d*-$/);
});
