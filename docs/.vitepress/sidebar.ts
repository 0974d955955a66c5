import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DefaultTheme } from "vitepress";
import { pageOf, root } from "./places.js";

type Item = DefaultTheme.SidebarItem;

/** A page by its file in the repository, called what its heading says; nothing where there is no such file. */
function page(file: string, text?: string): Item[] {
  const path = join(root, file);
  if (!existsSync(path)) return [];
  const heading = /^# (.+)$/m.exec(readFileSync(path, "utf8"))?.[1];
  return [{ text: text ?? heading?.replaceAll("`", ""), link: pageOf(path, path) as string }];
}

/** The pages of a folder under docs/, in the order that their front matter gives. */
function folder(name: string): Item[] {
  const path = join(root, "docs", name);
  if (!existsSync(path)) return [];
  const order = (file: string): number =>
    Number(/^order: (\d+)$/m.exec(readFileSync(join(path, file), "utf8"))?.[1] ?? 99);
  return readdirSync(path)
    .filter((file) => file.endsWith(".md") && file !== "index.md")
    .sort((a, b) => order(a) - order(b) || a.localeCompare(b))
    .flatMap((file) => page(`docs/${name}/${file}`));
}

/** The READMEs of a folder's packages. */
const readmes = (name: string): Item[] =>
  readdirSync(join(root, name)).flatMap((entry) => page(`${name}/${entry}/README.md`));

export const sidebar = (): Item[] => [
  {
    text: "Start",
    items: [...folder("start"), ...page("docs/coming-from-pytorch.md"), ...page("docs/coming-from-tensorflow-js.md")],
  },
  { text: "Tutorials", items: folder("tutorials") },
  { text: "Questions", items: folder("questions") },
  {
    text: "Reference",
    items: [...page("docs/operators.md"), ...page("docs/api/index.md", "API of every package")],
  },
  { text: "Applications", items: readmes("apps") },
  { text: "Packages", collapsed: true, items: readmes("packages") },
  {
    text: "Inside",
    collapsed: true,
    items: [
      ...page("docs/architecture.md"),
      ...page("docs/backends.md"),
      ...page("docs/distributed.md"),
      ...page("benchmarks/README.md"),
      ...page("benchmarks/gpu/README.md"),
      ...page("examples/parity/README.md"),
      ...page("CONTRIBUTING.md"),
    ],
  },
];
