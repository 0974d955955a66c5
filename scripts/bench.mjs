// npm run bench -- --only matmul …: the benchmarks.
import { program } from "./workspace.mjs";

process.exit(await program("benchmarks", "dist/index.js", process.argv.slice(2)));
