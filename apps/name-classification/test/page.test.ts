import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromiumPath, openSite, type Site, type Visit, type VisitOptions } from "app-common/chromium";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { main } from "../src/main.js";
import { loadRun } from "../src/run-node.js";

const folder = fileURLToPath(new URL("../web", import.meta.url));

type Page = Visit["page"];

describe.skipIf(chromiumPath === undefined)(`the page${chromiumPath ? "" : " (skipped: no Chromium found)"}`, () => {
  let site: Site;
  let visit: Visit | undefined;
  const scratch = mkdtempSync(join(tmpdir(), "names-page-"));

  beforeAll(async () => {
    site = await openSite(folder);
  }, 120_000);
  afterEach(async () => {
    await visit?.close();
    visit = undefined;
  });
  afterAll(async () => {
    await site?.close();
    rmSync(scratch, { recursive: true });
  });

  async function open(options?: VisitOptions): Promise<Page> {
    visit = await site.visit(options);
    await visit.page.getByText("Letter by letter").waitFor();
    return visit.page;
  }

  const guess = (page: Page): Promise<string | null> => page.locator(".guesses .best").textContent();
  const accuracy = async (page: Page): Promise<number> =>
    Number.parseFloat((await page.locator(".figures tbody tr:first-child td").first().textContent()) ?? "");
  const said = (page: Page): Promise<string | null> => page.locator("form [role=status]").textContent();

  /** Fills the form; the rest stays as the page has it. */
  async function choose(page: Page, { hidden, epochs }: { hidden: number; epochs: number }): Promise<void> {
    await page.getByLabel("Hidden size").fill(String(hidden));
    await page.getByLabel("Epochs").fill(String(epochs));
  }

  it("opens the pretrained network and follows the letters", async () => {
    const page = await open();
    expect(await guess(page)).toMatch(/Czech/);
    expect(await accuracy(page)).toBeGreaterThan(60);
    await page.getByLabel("Surname").fill("");
    await page.getByLabel("Surname").pressSequentially("Papadopoulos");
    await page.locator(".best", { hasText: "Greek" }).waitFor();
    expect(await page.locator(".letters thead th").allTextContents()).toEqual([..."Papadopoulos"]);
    await page.getByLabel("Surname").fill("Ж");
    await page.getByText("The network reads “_”").waitFor();
    await page.getByLabel("Surname").fill("");
    await page.locator(".letters").waitFor({ state: "detached" });
    expect(await page.locator(".guesses .number").first().textContent()).toBe("–");
    expect(visit?.errors).toEqual([]);
  }, 60_000);

  it("trains, stays responsive, and what it saves goes on at the command line", async () => {
    const page = await open();
    await page.getByText(/keeps a core|one core/).waitFor();
    await choose(page, { hidden: 48, epochs: 6 });
    await page.evaluate(() => {
      const seen = globalThis as unknown as { longestTask: number; redrawn: number };
      seen.longestTask = 0;
      seen.redrawn = 0;
      const result = document.querySelector("[aria-labelledby=result-title]") as Element;
      new MutationObserver(() => seen.redrawn++).observe(result, {
        subtree: true,
        childList: true,
        characterData: true,
        attributes: true,
      });
    });
    await page.getByRole("button", { name: "Train from the start" }).click();
    await page.getByText(/epoch [3-6] of 6/).waitFor({ timeout: 60_000 });
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Resume" }).waitFor();
    expect(await said(page)).toMatch(/paused: loss \d/);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save the checkpoint" }).click(),
    ]);
    const run = join(scratch, "run");
    await download.saveAs(join(run, "checkpoint.safetensors"));

    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByText(/Training is finished: loss/).waitFor({ state: "attached", timeout: 60_000 });
    const reached = await accuracy(page);
    expect(reached).toBeGreaterThan(35);
    // the matrix and its hundreds of cells: once when the run begins, and behind each of six epochs
    expect(await page.evaluate(() => (globalThis as unknown as { redrawn: number }).redrawn)).toBeLessThanOrEqual(7);
    const longest = (await visit?.longestTask()) as number;
    console.info(`longest task of the main thread while training: ${longest} ms`);

    expect(await main(["train", "--resume", "--out", run])).toBe(0);
    const { record } = await loadRun(run);
    expect(100 * (record.accuracies.at(-1)?.value as number)).toBeCloseTo(reached, 1);

    // and back: what the command line has written
    await page.locator("input[type=file]").setInputFiles(join(run, "checkpoint.safetensors"));
    await page.getByText("checkpoint.safetensors is open.").waitFor();
    expect(await accuracy(page)).toBeCloseTo(reached, 1);
    expect(visit?.errors).toEqual([]);
  }, 120_000);

  it("says what is wrong with a dropped file, where it was dropped, and keeps the open network", async () => {
    const page = await open();
    const file = await page.evaluateHandle(() => {
      const data = new DataTransfer();
      data.items.add(new File(["not a checkpoint at all"], "holiday.jpg"));
      return data;
    });
    await page.locator(".drop").dispatchEvent("drop", { dataTransfer: file });
    const alert = page.locator(".card", { hasText: "Open a checkpoint" }).getByRole("alert");
    await alert.getByText(/cannot use the checkpoint holiday\.jpg/).waitFor();
    // a whole file, but of another program
    const pretrained = readFileSync(fileURLToPath(new URL("../pretrained/names.safetensors", import.meta.url)));
    const strange = Buffer.from(pretrained.toString("latin1").replace("kindling name", "somebody name"), "latin1");
    await page.locator("input[type=file]").setInputFiles({ name: "x.safetensors", mimeType: "", buffer: strange });
    await alert.getByText(/x\.safetensors is no checkpoint of this program/).waitFor();
    expect(await guess(page)).toMatch(/Czech/);
    expect(visit?.errors).toEqual([]);
  }, 60_000);

  it("works on one thread and without a GPU, and says why", async () => {
    const page = await open({ isolated: false });
    await page.getByText("One thread: the page is not cross-origin isolated").waitFor();
    const gpu = page.getByRole("radio", { name: "WebGPU" });
    expect(await gpu.isDisabled()).toBe(true);
    expect(await page.getByText(/WebGPU\.|finds no GPU/).count()).toBe(1);
    await choose(page, { hidden: 8, epochs: 1 });
    await page.getByRole("button", { name: "Train from the start" }).click();
    await page.getByText(/Training is finished: loss/).waitFor({ state: "attached", timeout: 60_000 });
    expect(visit?.errors).toEqual([]);
  }, 60_000);

  it("trains on the GPU, in software where there is no other", async () => {
    const page = await open({ gpu: true });
    await page.getByRole("radio", { name: "WebGPU" }).check();
    await choose(page, { hidden: 8, epochs: 1 });
    await page.getByRole("button", { name: "Train from the start" }).click();
    const [running, problem] = [page.getByText(/names\/s/), page.locator("form .problem")];
    await running.or(problem).waitFor({ timeout: 100_000 });
    expect(await problem.allTextContents()).toEqual([]);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText(/Training is (paused|finished): loss/).waitFor({ state: "attached", timeout: 60_000 });
    expect(visit?.errors).toEqual([]);
  }, 120_000);

  it.each(["light", "dark"] as const)(
    "passes axe's rules in the %s theme, on a phone's width too, by keyboard",
    async (colorScheme) => {
      const page = await open({ colorScheme, viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
      await page.getByRole("heading", { name: "Which language is taken for which" }).waitFor();
      expect(await visit?.violations()).toEqual([]);
      const shots = process.env.KINDLING_SCREENSHOTS;
      if (shots) await page.screenshot({ path: join(shots, `names-${colorScheme}.png`), fullPage: true });
      await page.setViewportSize({ width: 360, height: 740 });
      await page.waitForFunction(() => document.documentElement.scrollWidth <= 360); // charts follow a frame later
      if (shots) await page.screenshot({ path: join(shots, `names-${colorScheme}-phone.png`), fullPage: true });
      await page.getByLabel("Epochs").fill("0");
      await page.keyboard.press("Enter");
      expect(await page.locator("#epochs:invalid").count()).toBe(1);
      const reached: string[] = [];
      for (let i = 0; i < 8; i++) {
        await page.keyboard.press("Tab");
        reached.push(
          await page.evaluate(() => document.activeElement?.textContent || document.activeElement?.id || ""),
        );
      }
      expect(reached.join()).toMatch(/seed.*cpu.*Train from the start.*matrix-title.*Open|Train from the start/);
    },
    60_000,
  );
});
