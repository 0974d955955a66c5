import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { getRank } from "@kindling/distributed";

/** Tells the test what this rank found. In files: mpirun cuts the ranks' output into pieces and mixes them. */
export const report = (value) => writeFileSync(join(process.env.REPORTS, `${getRank()}.json`), JSON.stringify(value));
