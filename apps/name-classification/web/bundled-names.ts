/// <reference types="vite/client" />
import { type NameData, parseNames } from "../src/dataset.js";

const files = import.meta.glob<string>("../data/*.txt", { query: "?raw", import: "default", eager: true });

/** The names that come with the application, as the command line reads them. */
export function bundledNames(): NameData {
  const byLanguage = Object.entries(files)
    .map(([path, text]) => ({ language: path.replace(/^.*\/|\.txt$/g, ""), text }))
    .sort((a, b) => (a.language < b.language ? -1 : 1));
  return {
    languages: byLanguage.map(({ language }) => language),
    samples: byLanguage.flatMap(({ language, text }, number) => parseNames(text, number, language)),
  };
}
