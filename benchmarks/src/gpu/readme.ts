import { readFileSync } from "node:fs";
import { type Results, writeReadme } from "./table.js";

/* Writes a results file's table into gpu/README.md: node dist/gpu/readme.js [results.json] */

const here = (name: string): URL => new URL(`../../gpu/${name}`, import.meta.url);
writeReadme(here("README.md"), JSON.parse(readFileSync(process.argv[2] ?? here("results.json"), "utf8")) as Results);
