import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Visit } from "app-common/chromium";

type Page = Visit["page"];

/** A page as it comes from the host. */
interface Read {
  /** Where its links lead, from the site's base on; another host's are left out. */
  links: string[];
  ids: string[];
}

/**
 * Follows every link from the site's first page on, as far as the site goes.
 * @param page any page of the site
 * @param folder the built site
 * @param origin its address, with a slash at the end
 * @returns the pages there are, and which of their links lead nowhere
 */
export async function follow(
  page: Page,
  folder: string,
  origin: string,
): Promise<{ pages: string[]; broken: string[] }> {
  const pages = new Map<string, Read>();
  const broken: string[] = [];
  const waiting = [""];
  const known = new Set(waiting);
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    const now = await page.evaluate(read, { origin, path });
    pages.set(path, now);
    for (const link of now.links) {
      const target = link.replace(/[?#].*/, "");
      if (known.has(target)) continue;
      known.add(target);
      // what a host without rules of its own would send, letter for letter
      const file = join(folder, target === "" || target.endsWith("/") ? `${target}index.html` : target);
      if (!existsSync(file) || !statSync(file).isFile())
        broken.push(`${path} leads to ${target}, and there is no file`);
      else if (file.endsWith(".html")) waiting.push(target);
    }
  }
  for (const [path, { links }] of pages) {
    for (const link of links) {
      const [target, id] = link.split("#");
      if (id && pages.get(target)?.ids.includes(id) === false)
        broken.push(`${path} leads to ${link}, and there is no anchor`);
    }
  }
  return { pages: [...pages.keys()], broken };
}

/** Runs in the browser: the page is parsed there, not shown. */
async function read({ origin, path }: { origin: string; path: string }): Promise<Read> {
  const html = await (await fetch(origin + path)).text();
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const links = Array.from(
    parsed.querySelectorAll("a[href]"),
    (link) => new URL(link.getAttribute("href") ?? "", origin + path).href,
  )
    .filter((href) => href.startsWith(origin))
    .map((href) => decodeURIComponent(href.slice(origin.length)));
  return { links: [...new Set(links)], ids: Array.from(parsed.querySelectorAll("[id]"), ({ id }) => id) };
}

/** What is wrong with the page that is shown: too wide for the window, pictures of a document that nothing describes (a program may have such for decoration). */
export const faults = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const unnamed = Array.from(document.querySelectorAll<HTMLImageElement>(".vp-doc img")).filter(
      ({ alt }) => alt === "",
    );
    return [
      ...(scrollWidth > clientWidth ? [`${scrollWidth - clientWidth} pixels too wide`] : []),
      ...unnamed.map(({ src }) => `no description of ${src}`),
    ];
  });
