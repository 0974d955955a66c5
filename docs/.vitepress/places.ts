import { existsSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/*
 * The site shows the repository's own pages: docs/ at its root, and CONTRIBUTING.md and the READMEs where they lie. A link is written as it works in the
 * repository, from file to file, and finds its page here.
 */

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Where the page of a Markdown file (from the repository's root) is, as a file of the site. */
export const placeOf = (file: string): string =>
  file
    .replace(/^docs\//, "")
    .replace(/(^|\/)README\.md$/, "$1index.md")
    .replace(/^CONTRIBUTING\.md$/, "contributing.md");

/** What no page is made of. */
export const noPages = [
  "README.md",
  "scripts/**",
  "tests/**",
  "runs/**",
  "**/CHANGELOG.md",
  "**/test/**",
  "**/fixtures/**",
];

/**
 * The page behind a relative link in `file`, an absolute path of the site; `null` for what the repository has and the site has not.
 * @throws Error where there is no such file
 */
export function pageOf(link: string, file: string): string | null {
  const [, path, rest] = /^([^?#]*)(.*)$/.exec(link) as RegExpExecArray;
  let target = resolve(dirname(file), decodeURIComponent(path));
  if (!existsSync(target)) throw new Error(`${relative(root, file)} links to ${link}, and there is no such file`);
  if (statSync(target).isDirectory())
    target = [join(target, "index.md"), join(target, "README.md")].find(existsSync) ?? target;
  const id = relative(root, target).split(sep).join("/");
  if (!id.endsWith(".md")) return null;
  return `/${
    id === "README.md"
      ? ""
      : placeOf(id)
          .replace(/(^|\/)index\.md$/, "$1")
          .replace(/\.md$/, "")
  }${rest}`;
}
