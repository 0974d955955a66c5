/// <reference types="vite/client" />

const files = import.meta.glob<string>("../examples/*.ts", { query: "?raw", import: "default", eager: true });

/** Programs to begin with, in the order of their files; each one's first line is its title. */
export const EXAMPLES = Object.entries(files)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([, program]) => ({ title: program.slice(3, program.indexOf("\n")), program }));
