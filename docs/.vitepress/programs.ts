import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./places.js";

/** An application's page: the site holds what its `build:web` leaves in `web/dist`, in a folder of its own. */
export interface Program {
  /** The folder's name in the site. */
  path: string;
  /** The application's folder in `apps/`. */
  app: string;
  title: string;
  /** Where the site tells more about it: label and page. */
  more: readonly (readonly [string, string])[];
}

const all: Program[] = [
  {
    path: "names",
    app: "name-classification",
    title: "Name classifier",
    more: [
      ["Tutorial", "tutorials/name-classifier.html"],
      ["About it", "apps/name-classification/"],
    ],
  },
  {
    path: "style",
    app: "style-transfer",
    title: "Style transfer",
    more: [
      ["Tutorial", "tutorials/style-transfer.html"],
      ["About it", "apps/style-transfer/"],
    ],
  },
  {
    path: "playground",
    app: "playground",
    title: "Playground",
    more: [
      ["Quick start", "start/browser.html"],
      ["About it", "apps/playground/"],
    ],
  },
];

const { devDependencies } = JSON.parse(readFileSync(join(root, "docs/package.json"), "utf8"));

/** Those that the site's manifest names, so that they are built before it. */
export const programs = all.filter(({ app }) => app in devDependencies);

/** The program whose page `file` (from the repository's root) is the source of. */
export const programOf = (file: string): Program | undefined =>
  programs.find(({ app }) => file === `apps/${app}/web/index.html`);

/** Puts the programs into the built site, each with a bar that leads back. */
export function addPrograms(site: string): void {
  for (const program of programs) {
    const built = join(root, "apps", program.app, "web/dist");
    const folder = join(site, program.path);
    if (!existsSync(built))
      throw new Error(`${program.path}: nothing is built in ${built}; \`npm run docs:build\` does`);
    rmSync(folder, { recursive: true, force: true });
    cpSync(built, folder, { recursive: true });
    const index = join(folder, "index.html");
    const html = readFileSync(index, "utf8");
    if (!html.includes("<body>")) throw new Error(`${program.path}: its index.html has no plain <body> for the bar`);
    writeFileSync(index, html.replace("<body>", `<body>\n${bar(program)}`));
  }
}

/** Links are relative, as the program's own files are: they hold wherever the site lies. */
function bar(here: Program): string {
  const links = [
    `<a href="../">Kindling</a>`,
    ...programs.map((program) =>
      program === here
        ? `<span aria-current="page">${program.title}</span>`
        : `<a href="../${program.path}/">${program.title}</a>`,
    ),
    ...here.more.map(([label, page]) => `<a href="../${page}">${label}</a>`),
  ];
  return `<nav class="site-bar" aria-label="Site">${links.join(" ")}</nav>`;
}
