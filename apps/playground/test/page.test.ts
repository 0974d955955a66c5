import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromiumPath, openSite, type Site, type Visit, type VisitOptions } from "app-common/chromium";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

const folder = fileURLToPath(new URL("../web", import.meta.url));

type Page = Visit["page"];

/** With line breaks as they are seen. */
const textOf = async (place: ReturnType<Page["locator"]>): Promise<string> => (await place.allInnerTexts()).join("\n");

/** What each example must print and draw; the numbers follow from its text, or are PyTorch's. */
const EXAMPLES: Record<string, { text: RegExp; pictures: RegExp[] }> = {
  "Tensors and broadcasting": {
    text: /^tensor\(\[\[10\., 20\.\],\s+\[11\., 21\.\],\s+\[12\., 22\.\]\]\)\s+\[ 3, 2 \] float32\s+mean[\s\S]*tensor\(\[11\., 21\.\]\)/,
    pictures: [/^value by step: sine ends at -0\.0\d+, cosine ends at 0\.99/],
  },
  "A gradient and its graph": {
    text: /1024[\s\S]*tensor\(\[256\., 320\., 384\.\]\)/,
    pictures: [/graph/],
  },
  "A layer used twice": { text: /18 tensor\(\[\[12\.\]\]\)/, pictures: [/graph/] },
  "A training loop and its loss": {
    text: /step 50: loss [\s\S]*step 150: loss 0\.0[\s\S]*9\d\.\d % right/,
    pictures: [/^loss by step: loss ends at 0\.0/, /confusion matrix of outside, inside/],
  },
  Images: { text: /4, 1, 16, 16/, pictures: [/a picture of 64 × 64 pixels/, /4 pictures of 16 × 16/] },
  "A second derivative": { text: /8 12 12/, pictures: [/graph/] },
  "A function with its own backward": {
    text: /tensor\(\[1\.0000, 2\.7183\], dtype=float64\)[\s\S]*agrees with differences: true/,
    pictures: [/graph/],
  },
  "The same seed as PyTorch": {
    text: /tensor\(\[0\.4963, 0\.7682, 0\.0885\]\)\s+tensor\(\[\[0\.3643, 0\.1344, 0\.1642\],\s+\[0\.3058, 0\.2100, 0\.9056\]\]\)[\s\S]*\[\[ 0\.0262, +0\.2795\],\s+\[ 0\.4243, -0\.4794\]\][\s\S]*tensor\(\[5, 2, 4, 0, 3, 1\]\)/,
    pictures: [],
  },
};

describe.skipIf(chromiumPath === undefined)(`the page${chromiumPath ? "" : " (skipped: no Chromium found)"}`, () => {
  let site: Site;
  let visit: Visit | undefined;

  beforeAll(async () => {
    site = await openSite(folder);
  }, 120_000);
  afterEach(async () => {
    await visit?.close();
    visit = undefined;
  });
  afterAll(() => site?.close());

  const editor = (page: Page) => page.getByRole("textbox", { name: "Program" });
  const printed = (page: Page) => page.getByRole("group", { name: "What the program printed" });
  const program = (page: Page): Promise<string> => textOf(page.locator(".cm-content"));
  const marked = (page: Page): Promise<string[]> => page.locator(".cm-line:has(.cm-lintRange-error)").allInnerTexts();

  async function open(options?: VisitOptions): Promise<Page> {
    visit = await site.visit(options);
    await editor(visit.page).waitFor();
    return visit.page;
  }

  /** Runs what stands in the editor, or `source`, to its end. */
  async function run(page: Page, source?: string): Promise<string> {
    if (source !== undefined) await editor(page).fill(source);
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText("Running …").waitFor({ state: "detached", timeout: 50_000 });
    await page.getByText(/^Finished in|^The program failed/).waitFor({ timeout: 50_000 });
    return (await textOf(printed(page))).trim();
  }

  /** Descriptions of the pictures, each of which must have been drawn. */
  async function pictures(page: Page): Promise<string[]> {
    while (await page.getByText(/^Drawing/).count())
      await page
        .getByText(/^Drawing/)
        .first()
        .waitFor({ state: "detached" });
    return printed(page)
      .locator("img")
      .evaluateAll((images) =>
        Promise.all(
          (images as HTMLImageElement[]).map(async (image) => {
            await image.decode();
            return image.naturalWidth > 20 ? image.alt : "nothing";
          }),
        ),
      );
  }

  it("runs every example, which print and draw what they say", async () => {
    const page = await open();
    const titles = await page.getByLabel("Examples").locator("option:not([disabled])").allTextContents();
    expect(titles).toEqual(Object.keys(EXAMPLES));
    for (const title of titles) {
      await page.getByLabel("Examples").selectOption(title);
      const text = await run(page);
      expect(text, title).toMatch(EXAMPLES[title].text);
      const drawn = await pictures(page);
      expect(drawn, title).toHaveLength(EXAMPLES[title].pictures.length);
      for (const [i, picture] of EXAMPLES[title].pictures.entries()) expect(drawn[i], title).toMatch(picture);
      expect(await page.locator(".problem").count(), title).toBe(0);
    }
    expect(visit?.errors).toEqual([]);
  }, 100_000);

  it("shows errors at their line, and forgets the last run", async () => {
    const page = await open();
    expect(await run(page, "const a = 1;\nconst b = (a;\n")).toMatch(
      /^Line 2: SyntaxError: Unexpected token, expected ","$/,
    );
    expect(await marked(page)).toEqual(["const b = (a;"]);
    expect(await run(page, 'import fs from "node:fs";\nfs.readFileSync("x");')).toMatch(
      /^Line 1: Error: there is no "node:fs" here; a program may import "kindling", "@kindling\/train", "@kindling\/viz"$/,
    );
    expect(await run(page, 'import { nn, tensr } from "kindling";\nnn.Linear;\ntensr(1);')).toMatch(
      /^Line 3: Error: "kindling" exports no tensr$/,
    );
    const matmul = `import { ones, type Tensor } from "kindling";
interface Holder {
  t: Tensor;
}
console.log("before");
const x: Holder = { t: ones(2, 3) };
console.log(x.t.matmul(x.t));`;
    expect(await run(page, matmul)).toMatch(/^before\s+Line 7: ShapeError: /);
    expect(await marked(page)).toEqual(["console.log(x.t.matmul(x.t));"]);
    expect(
      await run(page, "const late = async () => {\n  throw new Error('late');\n};\nvoid late();\nawait 0;"),
    ).toMatch(/^Line 2: Error: late$/);
    expect(await run(page, "throw 'words';")).toContain("thrown: 'words'");
    const model = 'import { nn } from "kindling";\nconsole.log(new nn.Sequential(new nn.Linear(2, 1)));';
    expect(await run(page, model)).toMatch(/^Sequential\(\s+\(0\): Linear\(/);
    await run(page, "globalThis.left = 1;");
    expect(await run(page, "console.log(globalThis.left, await Promise.resolve(7));")).toBe("undefined 7");
    expect(await marked(page)).toEqual([]);
    expect(visit?.errors).toEqual([]);
  }, 60_000);

  it("stops a loop without end, and bounds what one prints", async () => {
    const page = await open();
    await editor(page).fill("console.log('begin');\nfor (;;) {}");
    await editor(page).press("Control+Enter");
    await printed(page).getByText("begin").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped.").waitFor();

    await editor(page).fill("for (let i = 0; ; i++) console.log(i, 'x'.repeat(50));");
    await page.getByRole("button", { name: "Run" }).click();
    await page.getByText("prints more than this page shows").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped.").waitFor();
    expect((await textOf(printed(page))).length).toBeLessThan(310_000);
    expect((await run(page, "console.log('x'.repeat(1e7));")).length).toBeLessThan(310_000);
    expect(await run(page, "console.log('alive');")).toBe("alive");
    expect(visit?.errors).toEqual([]);
  }, 60_000);

  it("draws what show is given between the lines, and runs no script of an SVG document", async () => {
    const page = await open();
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="30" height="30" onload="parent.hacked = 1"><script>parent.hacked = 1</script></svg>`;
    await run(
      page,
      `import { ones, rand, tensor } from "kindling";
show([3, 2, 1]);
console.log("between");
show(rand(3, 24, 24));
show([[5, 1], [0, 4]]);
show('${svg}');
show(ones(2, 2, 5));`,
    );
    expect(await pictures(page)).toEqual([
      "value by step: values ends at 1.000",
      "a picture of 24 × 24 pixels",
      "a confusion matrix of 0, 1",
      "a picture",
    ]);
    const order = await printed(page).evaluate((group) => Array.from(group.children, (child) => child.tagName));
    expect(order).toEqual(["FIGURE", "PRE", "FIGURE", "FIGURE", "FIGURE", "P"]);
    expect(await textOf(page.locator(".problem"))).toMatch(/^Line 7: TypeError: show cannot draw a tensor \(2,2,5\)/);
    expect(await page.evaluate(() => "hacked" in globalThis)).toBe(false);
    expect(visit?.errors).toEqual([]);
  }, 60_000);

  it("shares a program by its link, refuses a damaged one, and keeps what was written", async () => {
    const page = await open();
    const source = 'console.log("Grüße, ∂");';
    await editor(page).fill(source);
    await page.getByRole("button", { name: "Link" }).click();
    await page.getByText(/^The link/).waitFor();
    const link = page.url();
    await editor(page).fill("console.log(2);");
    await page.goto("about:blank");
    await page.goto(link);
    await page.getByText("This program came with the link").waitFor();
    expect(await program(page)).toBe(source);
    expect(await page.getByText("Nothing has run yet.").count()).toBe(1); // somebody else's program waits for Run
    expect(await run(page)).toBe("Grüße, ∂");

    for (const [hash, message] of [
      ["#code=AAAA%", "the link is damaged"],
      [new URL(link).hash.slice(0, -4), "the link is damaged"],
      [`#code=${"A".repeat(100_000)}`, "more than a program may have"],
    ]) {
      await page.evaluate((to) => {
        location.hash = to;
      }, hash);
      await page.getByRole("alert").getByText(message).waitFor();
      expect(await program(page)).toBe(source);
      await page.evaluate(() => {
        location.hash = "";
      });
      await page.getByRole("alert").getByText(message).waitFor({ state: "detached" });
    }
    await page.goto(`${link.split("#")[0]}?again`);
    await editor(page).waitFor();
    expect(await program(page)).toBe("console.log(2);"); // what was written here, not what came with a link
    expect(visit?.errors).toEqual([]);
  }, 60_000);

  it("works without SharedArrayBuffer", async () => {
    const page = await open({ isolated: false });
    const source = `import * as torch from "kindling";
console.log(typeof SharedArrayBuffer, torch.ones(200, 200).matmul(torch.ones(200, 200)).sum().item());`;
    expect(await run(page, source)).toBe("undefined 8000000");
    expect(visit?.errors).toEqual([]);
  }, 60_000);

  it.each(["light", "dark"] as const)(
    "passes axe's rules in the %s theme, on a phone's width too, by keyboard",
    async (colorScheme) => {
      const page = await open({ colorScheme, viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
      await page.getByLabel("Examples").selectOption("A training loop and its loss");
      await run(page);
      await pictures(page);
      expect(await visit?.violations()).toEqual([]);
      const shots = process.env.KINDLING_SCREENSHOTS;
      if (shots) await page.screenshot({ path: join(shots, `play-${colorScheme}.png`), fullPage: true });

      await page.setViewportSize({ width: 360, height: 740 });
      await page.getByText("What a program may use").click();
      await run(page, "// an error\nconsole.warn('so');\nnull.x();\n");
      expect(await visit?.violations()).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
      if (shots) await page.screenshot({ path: join(shots, `play-${colorScheme}-phone.png`), fullPage: true });

      // Tab indents, and behind Escape it leaves
      await editor(page).fill("a");
      await page.keyboard.press("Tab");
      expect(await program(page)).toMatch(/^\s+a$|^a\s+$/);
      await page.keyboard.press("Escape");
      await page.keyboard.press("Tab");
      expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("SUMMARY");
    },
    60_000,
  );
});
