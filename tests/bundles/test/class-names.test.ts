import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

/*
 * Modules print their class's name, and state-dict errors name it. The bundler renames a class that refers to itself in its own
 * body (say `new this(…)` or `this.constructor` there) or that shares its name with another top-level name of the package.
 */

it("published classes bear the names they are exported under", () => {
  const program = fileURLToPath(new URL("../app/class-names.mjs", import.meta.url));
  expect(execFileSync(process.execPath, [program], { encoding: "utf8" })).toBe("many classes\n");
});
