import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { build, type PreviewServer, preview } from "vite";
import { isolated as isolation } from "./vite.js";

/** Where Chromium is, or nothing. */
export const chromiumPath: string | undefined = [
  process.env.CHROME_PATH ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path !== "" && existsSync(path));

if (chromiumPath === undefined && process.env.KINDLING_REQUIRE?.split(",").includes("browser")) {
  throw new Error("KINDLING_REQUIRE asks for a browser, and there is none");
}

export interface VisitOptions extends BrowserContextOptions {
  /** Whether the server isolates the page, so that it has SharedArrayBuffer; it does by default. */
  isolated?: boolean;
  /** The page's path from the site's base; the first one's by default. */
  path?: string;
  /** Whether pages get a GPU, in software where there is no other. They do not by default. */
  gpu?: boolean;
}

/** A page that somebody looks at. */
export interface Visit {
  page: Page;
  /** What the page has thrown and nobody caught or written to the console as an error, and files it did not find. */
  errors: string[];
  /** What servers were asked for, by the page and its workers, and whether anything was sent along. */
  requests: { url: string; sent: boolean }[];
  /** The longest task of the main thread since the page began, in milliseconds; 0 where none took 50. */
  longestTask(): Promise<number>;
  /** What axe-core finds wrong for people with disabilities: rule, and the elements. */
  violations(): Promise<string[]>;
  close(): Promise<void>;
}

export interface Site {
  visit(options?: VisitOptions): Promise<Visit>;
  close(): Promise<void>;
}

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Builds the page in `folder` (which has a `vite.config.ts`), and serves it to Chromium from below a path of its own. */
export async function openSite(folder: string): Promise<Site> {
  const outDir = await mkdtemp(join(tmpdir(), "kindling-page-"));
  const configFile = join(folder, "vite.config.ts");
  await build({ configFile, logLevel: "error", build: { outDir, emptyOutDir: true } });
  const site = openFolder(outDir, "/some/where/");
  return {
    ...site,
    async close() {
      await site.close();
      await rm(outDir, { recursive: true });
    },
  };
}

/** Serves a built folder to Chromium, its files under the path `base`. */
export function openFolder(outDir: string, base: string): Site {
  const servers = new Map<boolean, Promise<PreviewServer>>();
  const browsers = new Map<boolean, Promise<Browser>>();
  const once = <K, V>(map: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> => {
    if (!map.has(key)) map.set(key, make());
    return map.get(key) as Promise<V>;
  };
  const serve = (isolated: boolean): Promise<PreviewServer> =>
    preview({
      configFile: false,
      logLevel: "error",
      appType: "mpa",
      base,
      build: { outDir },
      preview: { host: "127.0.0.1", port: 0, headers: isolated ? isolation : {} },
    });
  const launch = (gpu: boolean): Promise<Browser> =>
    chromium.launch({
      executablePath: chromiumPath,
      chromiumSandbox: false,
      args: gpu ? ["--enable-unsafe-webgpu"] : ["--disable-features=WebGPU"],
    });
  return {
    async visit({ isolated = true, gpu = false, path = "", ...options } = {}) {
      const server = await once(servers, isolated, () => serve(isolated));
      const context = await (await once(browsers, gpu, () => launch(gpu))).newContext(options);
      const page = await context.newPage();
      const errors: string[] = [];
      const requests: Visit["requests"] = [];
      page.on("request", (request) => {
        const url = request.url();
        if (/^(data|blob):/.test(url)) return; // no server
        requests.push({ url, sent: request.method() !== "GET" || request.postData() !== null });
      });
      page.on("pageerror", (error) => errors.push(error.message));
      page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
      page.on(
        "response",
        (response) => response.status() >= 400 && errors.push(`${response.status()} ${response.url()}`),
      );
      await page.addInitScript(observeLongTasks);
      await page.goto(`http://127.0.0.1:${(server.httpServer.address() as AddressInfo).port}${base}${path}`);
      return {
        page,
        errors,
        requests,
        longestTask: () => page.evaluate(() => (globalThis as unknown as { longestTask: number }).longestTask),
        violations: () => violations(page),
        close: () => context.close(),
      };
    },
    async close() {
      for (const browser of browsers.values()) await (await browser).close();
      for (const server of servers.values()) await (await server).close();
    },
  };
}

/** Runs in the page. */
function observeLongTasks(): void {
  const seen = globalThis as unknown as { longestTask: number };
  seen.longestTask = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.longestTask = Math.max(seen.longestTask, duration);
  }).observe({ type: "longtask", buffered: true });
}

async function violations(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: axe });
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => `${n.html} ${n.failureSummary}`).join("\n")}`);
  });
}
