import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { codeOf, outputsOf, placeOf, programs, root } from "../src/blocks.js";

/*
 * What a user gets: the packages as built (`npm run build`) are packed, installed into empty projects outside of the
 * repository, and the documentation's code runs there under plain Node. A package's README with what that package needs
 * alone, everything else with `kindling`.
 */

interface Manifest {
  name: string;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

const unbuilt = readdirSync(join(root, "packages")).filter((name) => !existsSync(join(root, "packages", name, "dist")));
if (unbuilt.length > 0) throw new Error(`npm run build first: not built are ${unbuilt.join(", ")}`);

const windows = process.platform === "win32";
let folder: string;
const tarballs: Record<string, string> = {};

const packages = readdirSync(join(root, "packages"));
const manifests = Object.fromEntries(
  packages.map((name): [string, Manifest] => [
    name,
    JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8")),
  ]),
);
const folderOf = Object.fromEntries(packages.map((name) => [manifests[name].name, name]));

/** The package and all of ours that it needs, as folder names. */
function needs(name: string, found = new Set<string>()): Set<string> {
  found.add(name);
  const { dependencies, peerDependencies } = manifests[name];
  for (const needed of Object.keys({ ...dependencies, ...peerDependencies })) {
    const below = folderOf[needed];
    if (below !== undefined && !found.has(below)) needs(below, found);
  }
  return found;
}

/** The packages that a README says to install (of `kindling` all other pages, too), and all that they need. */
function named(name: string): Set<string> {
  const others = programs.filter(({ file }) => name === "kindling" && !file.startsWith("packages/"));
  const pages = new Set([`packages/${name}/README.md`, ...others.map(({ file }) => file)]);
  const text = [...pages].map((file) => readFileSync(join(root, file), "utf8")).join("\n");
  const lines = [...text.matchAll(/^npm install (.+)$/gm)].flatMap(([, list]) => list.split(" "));
  const found = needs(name);
  for (const id of lines) if (folderOf[id] !== undefined) needs(folderOf[id], found);
  return found;
}

/** An empty project with what the package's README says to install, from tarballs alone. */
function project(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  writeFileSync(join(path, "package.json"), "{}");
  const files = [...named(name)].map((needed) => tarballs[needed]);
  const args = [
    "install",
    "--offline",
    "--silent",
    "--no-audit",
    "--no-fund",
    "--cache",
    join(folder, ".npm"),
    ...files,
  ];
  execFileSync("npm", args, { cwd: path, shell: windows });
  return path;
}

/** Pages in the folders of the site have many small programs: each page is one process, that imports one after the other. */
const onPage = ({ file }: { file: string }): boolean => /^docs[\\/]\w+[\\/]/.test(file);
const END = "—— next program ——";

const node = (cwd: string, ...args: string[]): string =>
  execFileSync(process.execPath, args, { cwd, encoding: "utf8", env: { PATH: process.env.PATH } });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "installed-"));
  for (const name of packages) {
    const args = ["pack", "--json", "--pack-destination", folder];
    const { filename } = JSON.parse(
      execFileSync(join(root, "node_modules/.bin/pnpm"), args, {
        cwd: join(root, "packages", name),
        encoding: "utf8",
        shell: windows,
      }),
    );
    tarballs[name] = filename;
  }
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(packages)("packages/%s, installed", (name) => {
  const own = programs.filter(({ file, plain }) => {
    if (!plain) return false;
    const elsewhere = !file.startsWith("packages/");
    return file.startsWith(`packages/${name}/`) || (name === "kindling" && elsewhere);
  });
  let path: string;
  beforeAll(() => {
    path = project(name);
  }, 60_000);

  it("is imported and required", () => {
    const id = manifests[name].name;
    const imported = `import(${JSON.stringify(id)}).then((m) => console.log(Object.keys(m).length > 0))`;
    expect(node(path, "--input-type=module", "-e", imported)).toBe("true\n");
    const required = `console.log(Object.keys(require(${JSON.stringify(id)})).length > 0)`;
    expect(node(path, "--no-warnings", "-e", required)).toBe("true\n");
  });

  const alone = own.filter((program) => !onPage(program));
  it.each(alone.map((program) => [placeOf(program), program] as const))("runs %s", (_, program) => {
    writeFileSync(join(path, "block.mjs"), codeOf(program));
    const outputs = outputsOf(program, node(path, "block.mjs"));
    expect(outputs.printed).toEqual(outputs.shown);
  });

  it.each([...new Set(own.filter(onPage).map(({ file }) => file))])("runs %s", (file) => {
    const page = own.filter((program) => program.file === file);
    const names = page.map((program, i) => {
      writeFileSync(join(path, `block-${i}.mjs`), codeOf(program));
      return `block-${i}.mjs`;
    });
    const imports = names.map((block) => `await import("./${block}");\n`);
    writeFileSync(join(path, "page.mjs"), imports.join(`console.log(${JSON.stringify(END)});\n`));
    const printed = node(path, "page.mjs").split(`${END}\n`);
    const outputs = page.map((program, i) => ({ place: placeOf(program), ...outputsOf(program, printed[i] ?? "") }));
    expect(outputs.map(({ place, printed }) => [place, printed])).toEqual(
      outputs.map(({ place, shown }) => [place, shown]),
    );
  });
});
