import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromiumPath, openSite, type Site, type Visit, type VisitOptions } from "app-common/chromium";
import { io, ones, type Tensor } from "kindling";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CONTENT_LAYERS, STYLE_LAYERS } from "../src/layers.js";
import { randomVgg } from "../src/vgg-weights.js";

const folder = fileURLToPath(new URL("../web", import.meta.url));

type Page = Visit["page"];

describe.skipIf(chromiumPath === undefined)(`the page${chromiumPath ? "" : " (skipped: no Chromium found)"}`, () => {
  let site: Site;
  let visit: Visit | undefined;

  beforeAll(async () => {
    site = await openSite(folder);
  }, 120_000);
  afterEach(async () => {
    const { page, errors, requests } = visit as Visit;
    const { origin } = new URL(page.url());
    expect(requests.map(({ url }) => url).join()).toMatch(/assets\/worker-/);
    expect(requests.filter(({ url, sent }) => sent || new URL(url).origin !== origin)).toEqual([]);
    expect(errors).toEqual([]);
    await visit?.close();
    visit = undefined;
  });
  afterAll(async () => {
    await site?.close();
  }, 120_000);

  async function open(options?: VisitOptions): Promise<Page> {
    visit = await site.visit(options);
    const { page } = visit;
    page.setDefaultTimeout(60_000); // other tests may keep the machine busy
    await button(page, "Paint").and(page.locator(":enabled")).waitFor();
    return page;
  }

  const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
  const card = (page: Page, title: string) => page.getByRole("region", { name: title, exact: true });
  const figures = async (page: Page) => figuresOf(await page.locator(".result .figures").textContent());
  const said = (page: Page) => card(page, "Painting").getByRole("status");

  /** Sets a slider to the first of its values, or some places behind. */
  const slide = (page: Page, name: string, place = 0) => page.getByRole("slider", { name }).fill(String(place));
  async function small(page: Page): Promise<void> {
    await slide(page, "Size"); // 64 pixels
    await slide(page, "Steps"); // 10
  }
  const finished = (page: Page) => said(page).getByText("The painting is finished").waitFor({ timeout: 60_000 });

  /** Presses a button that begins a painting, and stops it; the figures of its first step. */
  async function begun(page: Page, name: "Paint" | "Start over") {
    const first = page.evaluate(nextFigures);
    await button(page, name).click();
    const begin = figuresOf(await first);
    await page.getByRole("button", { name: /Stop|Go on/ }).click();
    await button(page, "Go on").waitFor();
    return begin;
  }

  async function downloaded(page: Page): Promise<{ name: string; bytes: Buffer }> {
    const [download] = await Promise.all([page.waitForEvent("download"), button(page, "Download PNG").click()]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
  }

  const choose = (page: Page, title: string, name: string, buffer: Buffer) =>
    card(page, title).locator("input[type=file]").setInputFiles({ name, mimeType: "", buffer });
  const alert = (page: Page, title: string) => card(page, title).getByRole("alert");

  /** The mean difference of two pictures in levels of 0 to 255. */
  async function difference(a: Buffer, b: Buffer): Promise<number> {
    const [x, y] = await Promise.all(
      [a, b].map((png) => sharp(png).removeAlpha().resize(64, 48, { fit: "fill" }).raw().toBuffer()),
    );
    return x.reduce((total, value, i) => total + Math.abs(value - y[i]), 0) / x.length;
  }

  it("paints with random filters: the loss falls, the picture changes, and it is downloaded", async () => {
    const page = await open();
    await small(page);
    await page.getByText("Random filters: no weights are open.").waitFor();
    const first = page.evaluate(nextFigures);
    await button(page, "Paint").click();
    const begin = figuresOf(await first);
    await finished(page);
    const end = await figures(page);
    expect(begin.step).toBeLessThan(5);
    expect(end).toMatchObject({ step: 10, until: 10 });
    expect(end.style).toBeLessThan(0.5 * begin.style);

    const { name, bytes } = await downloaded(page);
    expect(name).toBe("valley-swirls.png");
    expect(await sharp(bytes).metadata()).toMatchObject({ format: "png", width: 64, height: 48 });
    expect(await difference(bytes, sample("valley"))).toBeGreaterThan(5);

    // on from there, not from the start
    await button(page, "Go on").click();
    await page.getByText("step 20 of 20").waitFor();
    expect((await figures(page)).style).toBeLessThan(end.style);
  }, 120_000);

  it("stops and goes on, also in another size, and stays responsive", async () => {
    const page = await open();
    await small(page);
    await slide(page, "Steps", 49); // 500
    await page.evaluate(() => {
      (globalThis as unknown as { longestTask: number }).longestTask = 0;
    });
    await button(page, "Paint").click();
    await page.getByText(/step \d+ of 500/).waitFor();
    expect(await page.getByRole("slider", { name: "Size" }).isDisabled()).toBe(true);
    await button(page, "Stop").click();
    await said(page).getByText("The painting rests").waitFor();
    const rest = await figures(page);
    expect(rest.step).toBeLessThan(500);
    const longest = (await visit?.longestTask()) as number;
    console.info(`longest task of the main thread while painting: ${longest} ms`);

    await slide(page, "Size", 2); // 96 pixels
    await button(page, "Go on").click();
    await page.getByRole("img", { name: "The painting after" }).and(page.locator("[width='96']")).waitFor();
    await button(page, "Stop").click();
    await said(page).getByText("The painting rests").waitFor();
    const again = await figures(page);
    expect(again.step).toBeGreaterThan(rest.step);
    expect(await sharp((await downloaded(page)).bytes).metadata()).toMatchObject({ width: 96, height: 72 });

    // another content is another painting
    await button(page, "Take the sample shards as the content").click();
    await button(page, "Paint").waitFor();
    expect(await button(page, "Start over").isDisabled()).toBe(true);
  }, 120_000);

  it("says what is wrong with a picture where it was given, and keeps the one before", async () => {
    const page = await open();
    const file = await page.evaluateHandle(() => {
      const data = new DataTransfer();
      data.items.add(new File(["no picture at all"], "holiday.jpg", { type: "image/jpeg" }));
      return data;
    });
    await card(page, "Content").locator(".drop").dispatchEvent("drop", { dataTransfer: file });
    await alert(page, "Content").getByText("holiday.jpg is no picture that this browser can read").waitFor();
    await choose(page, "Style", "dot.png", await blank(8, 8));
    await alert(page, "Style").getByText("dot.png has 8 × 8 pixels: it takes at least 16 each way").waitFor();
    await choose(page, "Style", "wall.png", await blank(8100, 8000));
    await alert(page, "Style").getByText("wall.png has 8100 × 8000 pixels, more than 64 million").waitFor();
    const whole = sample("valley");
    await choose(page, "Style", "half.jpg", Buffer.concat([whole.subarray(0, 700), Buffer.alloc(50)]));
    await alert(page, "Style").getByText("half.jpg is no picture that this browser can read").waitFor();
    await page.getByRole("img", { name: "The content: valley.jpg" }).waitFor();
    await page.getByRole("img", { name: "The style: swirls.jpg" }).waitFor();

    // one that its camera held upright
    const turned = await sharp(whole).withMetadata({ orientation: 6 }).toBuffer();
    await choose(page, "Content", "turned.jpg", turned);
    await page.getByRole("img", { name: "The content: turned.jpg" }).and(page.locator("[height='512']")).waitFor();
    expect(await alert(page, "Content").textContent()).toBe("");

    // too flat for the size that was chosen
    await choose(page, "Content", "flat.png", await blank(512, 64));
    await small(page);
    await button(page, "Paint").click();
    await alert(page, "Painting").getByText("at size 64 flat.png would become 64 × 8 pixels").waitFor();
    expect(await button(page, "Paint").isEnabled()).toBe(true);
  }, 120_000);

  it("paints with the weights of a file, and says what is wrong with one", async () => {
    const page = await open();
    await choose(page, "Settings", "notes.pth", Buffer.from("not weights"));
    await alert(page, "Settings")
      .getByText(/cannot use the weights: .*notes\.pth/)
      .waitFor();
    await choose(page, "Settings", "other.safetensors", Buffer.from(io.serialize({ x: ones(2) })));
    await alert(page, "Settings").getByText("other.safetensors holds no weights of VGG19 for conv1_1").waitFor();
    await page.getByText("Random filters: no weights are open.").waitFor();
    const weight = page.getByRole("slider", { name: "Style weight" });
    expect(await weight.getAttribute("aria-valuetext")).toBe("3,000");

    const state = randomVgg([...STYLE_LAYERS, ...CONTENT_LAYERS], 7).stateDict() as Record<string, Tensor>;
    await choose(page, "Settings", "vgg19.safetensors", Buffer.from(io.serialize(state)));
    await page.getByText("VGG19 with the weights of vgg19.safetensors.").waitFor();
    await choose(page, "Settings", "vgg19.pth", Buffer.from(io.serializeTorch(state)));
    await page.getByText("VGG19 with the weights of vgg19.pth.").waitFor();
    expect(await alert(page, "Settings").textContent()).toBe("");
    expect(await weight.getAttribute("aria-valuetext")).toBe("1,000,000");
    await small(page);
    await slide(page, "Style weight", 9); // 2,000
    const seven = await begun(page, "Paint");
    await button(page, "Back to random filters").click();
    await page.getByText("Random filters: no weights are open.").waitFor();
    const drawn = await begun(page, "Start over");
    expect(drawn.step).toBe(1);
    expect(drawn.style).not.toBe(seven.style); // other filters
  }, 120_000);

  it("works on one thread and without a GPU, and says why", async () => {
    const page = await open({ isolated: false });
    await page.getByText("One thread: the page is not cross-origin isolated").waitFor();
    expect(await page.getByRole("radio", { name: "WebGPU" }).isDisabled()).toBe(true);
    expect(await page.getByRole("radio", { name: "WebAssembly" }).isChecked()).toBe(true);
    expect(await page.getByText(/WebGPU\.|finds no GPU/).count()).toBe(1);
    await small(page);
    await button(page, "Paint").click();
    await finished(page);

    // a GPU that is lost between looking and painting
    const gpu = page.getByRole("radio", { name: "WebGPU" });
    await gpu.evaluate((radio: HTMLInputElement) => {
      radio.disabled = false;
    });
    await gpu.check();
    await button(page, "Start over").click();
    await alert(page, "Painting").getByText("WebAssembly, under Settings, needs no GPU.").waitFor();
    await page.getByRole("radio", { name: "WebAssembly" }).check();
    await begun(page, "Paint");
  }, 120_000);

  it("paints on the GPU, in software where there is no other", async () => {
    const page = await open({ gpu: true });
    await page.getByRole("radio", { name: "WebGPU" }).check();
    const strip = await sharp(sample("swirls")).resize(64, 16).png().toBuffer(); // the least that can be painted
    await choose(page, "Content", "strip.png", strip);
    await choose(page, "Style", "strip.png", strip);
    await page.getByRole("img", { name: "The style: strip.png" }).waitFor();
    await small(page);
    await button(page, "Paint").click();
    const [running, problem] = [page.getByText(/step \d+ of 10/), card(page, "Painting").locator(".problem")];
    await running.or(problem).waitFor({ timeout: 200_000 }); // many kernels are compiled
    expect(await problem.allTextContents()).toEqual([]);
    await page.getByRole("button", { name: /Stop|Go on/ }).click();
    await said(page)
      .getByText(/The painting (rests|is finished)/)
      .waitFor({ state: "attached", timeout: 60_000 });
    expect(visit?.requests.some(({ url }) => /assets\/dist-/.test(url))).toBe(true); // what the worker asks for is seen
  }, 300_000);

  it("passes axe's rules in both themes, on a phone's width too, by keyboard", async () => {
    const page = await open({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
    const shots = process.env.KINDLING_SCREENSHOTS;
    const shoot = async (name: string): Promise<void> => {
      if (shots) await page.screenshot({ path: join(shots, `style-${name}.png`), fullPage: true });
    };
    await shoot("empty");
    expect(await visit?.violations()).toEqual([]);
    await choose(page, "Content", "notes.txt", Buffer.from("no picture"));
    await alert(page, "Content").locator(".problem").waitFor();
    await small(page);

    // by keyboard alone, and the focus stays where one is
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    await button(page, "Paint").focus();
    await page.keyboard.press("Enter");
    await finished(page);
    expect(await focused()).toBe("Go on");
    await slide(page, "Steps", 48);
    await page.getByRole("slider", { name: "Steps" }).focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.getByRole("slider", { name: "Steps" }).getAttribute("aria-valuetext")).toBe("500");
    await button(page, "Start over").focus();
    await page.keyboard.press("Enter");
    await page.getByText(/step \d+ of 500/).waitFor();
    expect(await focused()).toBe("Stop");
    await page.keyboard.press("Enter");
    await said(page).getByText("The painting rests").waitFor();

    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: 1280, height: 900 });
      expect(await visit?.violations()).toEqual([]);
      await shoot(colorScheme);
      await page.setViewportSize({ width: 360, height: 780 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
      await shoot(`${colorScheme}-phone`);
    }
  }, 120_000);
});

/** Runs in the page: the figures below the painting, when they change to some. */
function nextFigures(): Promise<string> {
  return new Promise((resolve) => {
    const line = document.querySelector(".result .figures") as HTMLElement;
    new MutationObserver((_, observer) => {
      if (!line.textContent?.startsWith("step")) return;
      observer.disconnect();
      resolve(line.textContent);
    }).observe(line, { subtree: true, childList: true, characterData: true });
  });
}

function figuresOf(text: string | null) {
  const found = /step (\d+) of (\d+) · style loss (\S+), content loss (\S+) /.exec(text ?? "");
  const [step, until, style, content] = (found ?? []).slice(1).map(Number);
  return { step, until, style, content };
}

const sample = (name: string): Buffer => readFileSync(new URL(`../pictures/${name}.jpg`, import.meta.url));

const blank = (width: number, height: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: "teal" }, limitInputPixels: false })
    .png()
    .toBuffer();
