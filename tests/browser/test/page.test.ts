import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromiumPath } from "app-common/chromium";
import { isolated } from "app-common/vite";
import { full, io, ones } from "kindling";
import { type Browser, chromium } from "playwright-core";
import { build, type PreviewServer, preview } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/*
 * The packages as published, bundled by Vite, in a real browser: with threads where the page is isolated, without where it is not, and on the
 * plain kernels where its policy forbids WebAssembly.
 */

const root = fileURLToPath(new URL("../page", import.meta.url));
const outDir = fileURLToPath(new URL("../node_modules/.page", import.meta.url));

interface Report {
  info: string;
  equal: boolean;
  finite: boolean;
  loss: number;
  files: unknown[];
}

interface GpuReport {
  /** Whether the device was open before it was asked for. */
  before: boolean;
  error?: string;
  cpu?: number[];
  gpu?: number[];
  kernels?: number;
  bytes?: number;
}

/** More than is fetched at once. */
const weights = { weight: full([400_000], 0.5), bias: ones(3) };

describe.skipIf(chromiumPath === undefined)(`a page${chromiumPath ? "" : " (skipped: no Chromium found)"}`, () => {
  let browser: Browser;

  beforeAll(async () => {
    const input = ["index.html", "gpu.html"].map((page) => `${root}/${page}`);
    await build({
      root,
      configFile: false,
      logLevel: "error",
      build: { outDir, emptyOutDir: true, rolldownOptions: { input } },
    });
    writeFileSync(join(outDir, "weights.safetensors"), io.serialize(weights));
    writeFileSync(join(outDir, "weights.pt"), io.serializeTorch({ ...weights, epoch: 3 }));
    browser = await launch([]);
  }, 120_000);
  afterAll(() => browser?.close());

  const launch = (args: string[]): Promise<Browser> =>
    chromium.launch({ executablePath: chromiumPath, chromiumSandbox: false, args });

  async function open<R = Report>(headers: Record<string, string>, path = "", from = browser): Promise<R> {
    const server: PreviewServer = await preview({
      root,
      configFile: false,
      logLevel: "error",
      build: { outDir },
      preview: { host: "127.0.0.1", port: 0, headers },
    });
    const page = await from.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(error.message));
    let unranged = 0;
    page.on("request", (request) => {
      if (request.url().includes("weights.") && request.headers().range === undefined) unranged++;
    });
    try {
      const { port } = server.httpServer.address() as AddressInfo;
      await page.goto(`http://127.0.0.1:${port}/${path}`);
      const report = await page.evaluate(() => (globalThis as unknown as { report: Promise<R> }).report);
      expect(errors).toEqual([]);
      expect(unranged).toBe(0);
      return report;
    } finally {
      await page.close();
      await server.close();
    }
  }

  it("computes on threads where it is isolated, the same bits as on one", async () => {
    const report = await open(isolated);
    expect(report).toMatchObject({ equal: true, finite: true });
    expect(report.info).toMatch(/SIMD.*, threads/);
    expect(report.loss).toBeLessThan(0.2);
  }, 60_000);

  it("computes on one thread elsewhere", async () => {
    const report = await open({});
    expect(report).toMatchObject({ equal: true, finite: true });
    expect(report.files).toEqual([[1, 1, 1], 200_000, true, 3, true]);
    expect(report.info).toMatch(/SIMD.*, one thread/);
  }, 60_000);

  it("computes without WebAssembly where the page's policy forbids it", async () => {
    const report = await open({ ...isolated, "Content-Security-Policy": "script-src 'self'" });
    expect(report).toMatchObject({ equal: true, finite: true });
    expect(report.info).toMatch(/^off: /);
  }, 60_000);

  it("trains on the GPU, in software where there is no other, as on the CPU", async () => {
    const unsafe = await launch(["--enable-unsafe-webgpu"]); // Chromium gives pages no software adapter without
    try {
      const report = await open<GpuReport>({}, "gpu.html", unsafe);
      expect(report).toMatchObject({ before: false });
      expect(report.error).toBeUndefined();
      report.gpu?.forEach((loss, i) => {
        expect(loss).toBeCloseTo(report.cpu?.[i] as number, 5);
      });
      expect(report.gpu?.[3]).toBeLessThan(report.gpu?.[0] as number);
      expect(report.kernels).toBeGreaterThan(0);
      expect(report.bytes).toBeLessThan(2 ** 20);
    } finally {
      await unsafe.close();
    }
  }, 120_000);
});
