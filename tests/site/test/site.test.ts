import { readdirSync } from "node:fs";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import { chromiumPath, openFolder, type Site, type Visit, type VisitOptions } from "app-common/chromium";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { faults, follow } from "./walk.js";

const folder = fileURLToPath(new URL("../../../docs/.vitepress/dist", import.meta.url));
/** The path that the site was built for. */
const base = (process.env.SITE_BASE ?? "/").replace(/([^/])$/, "$1/");

const built = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".html") && file !== "404.html")
  .map((file) =>
    file
      .split(sep)
      .join("/")
      .replace(/(^|\/)index\.html$/, "$1"),
  )
  .sort();

/** All but the packages' pages, of which there are many alike: a few stand for all. */
const written = built.filter((path) => !/^(api|packages)\/(?!$|train|viz|nn\/namespaces)/.test(path));

describe.skipIf(chromiumPath === undefined)(`the site${chromiumPath ? "" : " (skipped: no Chromium found)"}`, () => {
  let site: Site;
  let visit: Visit | undefined;

  beforeAll(() => {
    site = openFolder(folder, base);
  });
  afterEach(async () => {
    await visit?.close();
    visit = undefined;
  });
  afterAll(() => site.close());

  /** As from a host that sends no headers of ours. */
  async function open(path = "", options?: VisitOptions): Promise<Visit["page"]> {
    visit = await site.visit({ isolated: false, path, ...options });
    return visit.page;
  }

  it("has no link that leads nowhere, and no page that nothing leads to", async () => {
    const page = await open();
    const { pages, broken } = await follow(page, folder, page.url());
    expect(broken).toEqual([]);
    expect(pages.sort()).toEqual(built);
  }, 60_000);

  it("shows pages without an error, none wider than a phone", async () => {
    const page = await open("", { viewport: { width: 390, height: 800 } });
    const origin = page.url();
    const wrong: string[] = [];
    for (const path of written) {
      await page.goto(origin + path);
      await page.locator("h1").first().waitFor();
      wrong.push(...[...(await faults(page)), ...(visit as Visit).errors.splice(0)].map((what) => `${path}: ${what}`));
    }
    expect(wrong).toEqual([]);
  }, 120_000);

  it("has the programs, each with a bar that leads back", async () => {
    const page = await open();
    const programs = await page
      .locator(".VPNav [target=_self]")
      .evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href));
    expect(programs.length).toBeGreaterThan(0);
    for (const program of programs) {
      await page.goto(program);
      await page.locator("h1").waitFor();
      const bar = page.getByRole("navigation", { name: "Site" });
      expect(await bar.locator("[aria-current]").count()).toBe(1);
      await bar.getByRole("link", { name: "Kindling" }).click();
      await page.getByRole("link", { name: "Quick start" }).waitFor();
    }
    expect(visit?.errors).toEqual([]);
  }, 60_000);

  it("finds a page by its words", async () => {
    const page = await open();
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByRole("searchbox").fill("retainGraph");
    await page.locator(".result").first().click();
    await page.waitForURL(/questions\/retain-graph/);
    expect(visit?.errors).toEqual([]);
  }, 60_000);
});
