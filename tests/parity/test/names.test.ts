import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { shared } from "../src/shared.js";

const data = join(shared, "data", "names");
const present = existsSync(data);
if (!present) console.warn(`skipped: the tutorial's names are not at ${data}`);

const app = dirname(createRequire(import.meta.url).resolve("name-classification/package.json"));

describe.skipIf(!present)("the tutorial's names", () => {
  it("are as many as PyTorch's program finds, and as often repeated", () => {
    const printed = execFileSync(process.execPath, [join(app, "dist", "cli.js"), "inspect", "--data", data], {
      encoding: "utf8",
    });
    const [, names, repeats] = /^all +(\d+) +(\d+)/m.exec(printed) ?? [];
    expect([Number(names), Number(names) - Number(repeats)]).toEqual([20_074, 17_996]);
    expect(printed.match(/^[A-Z]\w+ +\d+/gm)).toHaveLength(18);
  });
});
