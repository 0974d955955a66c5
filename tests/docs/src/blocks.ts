import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/*
 * The code blocks of the documentation. A ```ts or ```js block is a module of its own; one that says ```js continued goes on where the block before it
 * ended. Where a ```text block follows, it is what the code prints. ```js graph=y,x,layer: the picture that follows is the graph of `y`, with the names
 * of the tensors and modules behind it; ```js picture=chart: it is the SVG that `chart` holds. A block that is only an excerpt says so in its info string: ```ts excerpt, and one that runs in a page ```js browser (tests/browser
 * runs those). A ```ts block compiles under `strict`, and is plain JavaScript too, so that it runs wherever it is pasted; only ```ts typed is about types.
 */

export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** A block of a program. */
export interface Part {
  readonly line: number;
  readonly code: string;
  readonly output: string | null;
  readonly picture: Picture | null;
}

export interface Picture {
  /** From the repository's root. */
  readonly file: string;
  /** What is drawn, and then what has a name in it. */
  readonly variables: readonly string[];
}

export interface Program {
  readonly file: string;
  readonly language: string;
  /** Whether it is plain JavaScript. */
  readonly plain: boolean;
  readonly parts: readonly Part[];
}

/** Printed between the parts of a program. */
const BORDER = "—— next block ——";

export const codeOf = ({ parts }: Program): string =>
  parts.map(({ code }) => code).join(`console.log(${JSON.stringify(BORDER)});\n`);

/** What was printed and what should have been, part by part; parts that show no output are left out. */
export function outputsOf({ parts }: Program, printed: string): { shown: (string | null)[]; printed: string[] } {
  const actual = printed.split(`${BORDER}\n`);
  const kept = parts.flatMap(({ output }, i) => (output === null ? [] : [i]));
  return {
    shown: kept.map((i) => (parts[i].output as string).trimEnd()),
    printed: kept.map((i) => (actual[i] ?? "").trimEnd()),
  };
}

function pages(): string[] {
  const inside = (path: string): string[] =>
    readdirSync(join(root, path), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.name.endsWith(".md"))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .filter((file) => !/^docs[\\/](api|node_modules|\.vitepress)[\\/]/.test(file));
  const readmes = ["packages", "apps", "examples"].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}/README.md`),
  );
  return ["README.md", "CONTRIBUTING.md", ...inside("docs"), ...readmes].filter((file) => existsSync(join(root, file)));
}

function programsOf(file: string): Program[] {
  const text = readFileSync(join(root, file), "utf8");
  const fence =
    /^```(ts|js)( continued| typed)?(?: (?:graph|picture)=([\w,]+))?\n([\s\S]*?)^```\n(?:\s*^```text\n([\s\S]*?)^```)?/gm;
  const programs: (Program & { parts: Part[] })[] = [];
  for (const match of text.matchAll(fence)) {
    const [whole, language, word, graph, code, output] = match;
    const line = text.slice(0, match.index).split("\n").length;
    const image = /^!\[[^\]]*\]\(([^)]+\.svg)\)$/m.exec(text.slice(match.index + whole.length))?.[1];
    if (graph !== undefined && image === undefined) throw new Error(`${file}:${line} draws what no picture shows`);
    const picture = graph ? { file: join(file, "..", image as string), variables: graph.split(",") } : null;
    const part = { line, code, output: output ?? null, picture };
    if (word === " continued") programs[programs.length - 1].parts.push(part);
    else programs.push({ file, language, plain: word === undefined, parts: [part] });
  }
  return programs;
}

export const programs = pages().flatMap(programsOf);

/** Shown in a test's name. */
export const placeOf = ({ file, parts }: Program): string => `${file}:${parts[0].line}`;
