import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { chromiumPath } from "app-common/chromium";
import { chromium } from "playwright-core";
import { build, preview } from "vite";
import { describe, expect, it } from "vitest";

/* The page of docs/start/browser.md, typed off: its blocks are its files, and what it shows is what the page says that it shows. */

const text = readFileSync(new URL("../../../docs/start/browser.md", import.meta.url), "utf8");
const root = fileURLToPath(new URL("../.quick-start", import.meta.url));

describe.skipIf(chromiumPath === undefined)(
  `the quick start${chromiumPath ? "" : " (skipped: no Chromium found)"}`,
  () => {
    it("shows in Chromium what it says", async () => {
      const files = [...text.matchAll(/^`(\S+)`:\n\n```\w+ browser\n([\s\S]*?)^```$/gm)];
      expect(files.map(([, name]) => name)).toEqual(["index.html", "main.js"]);
      const shown = /The page shows:\n\n```text\n([\s\S]*?)^```$/m.exec(text)?.[1];
      expect(shown).toMatch(/loss/);

      rmSync(root, { recursive: true, force: true });
      mkdirSync(root);
      for (const [, name, code] of files) writeFileSync(`${root}/${name}`, code);
      await build({ root, configFile: false, logLevel: "error", build: { target: "es2022" } });
      const server = await preview({
        root,
        configFile: false,
        logLevel: "error",
        preview: { host: "127.0.0.1", port: 0 },
      });
      const browser = await chromium.launch({ executablePath: chromiumPath, chromiumSandbox: false });
      try {
        const page = await browser.newPage();
        const errors: string[] = [];
        page.on("pageerror", (error) => errors.push(error.message));
        await page.goto(`http://127.0.0.1:${(server.httpServer.address() as AddressInfo).port}/`);
        await page.waitForFunction('document.getElementById("out").textContent.includes("step 400")');
        expect(await page.textContent("#out")).toBe(shown);
        expect(errors).toEqual([]);
      } finally {
        await browser.close();
        await server.close();
        rmSync(root, { recursive: true, force: true });
      }
    }, 60_000);
  },
);
