import { describe, expect, it } from "vitest";
import { compile, ProgramError } from "../web/compile.js";

describe("compile", () => {
  it("takes types off and keeps every statement on its line", () => {
    const program = `import { tensor, type Tensor } from "kindling";
interface Pair {
  a: number;
}
const pair: Pair = { a: 1 };
await tensor(pair.a as number);`;
    const lines = compile(program).split("\n");
    expect(lines[0]).toContain("require('kindling')");
    expect(lines[4]).toMatch(/const pair *= \{ a: 1 \}/);
    expect(lines[5]).toMatch(/await .*tensor.*pair\.a/);
  });

  it("leaves imports out that are types only", () => {
    expect(compile(`import type { Tensor } from "kindling";\nlet t: Tensor;`)).not.toContain("require(");
  });

  it.each([
    ["const a = 1;\nconst b = (2;", 2],
    ["let a = 1;\n\nlet a = 2;", 3],
    ["const text = `never\nends", 1],
    ["const ok = 1;\nif (ok) {\n", 3],
    ["\nclass {", 2],
  ])("says the line of what is wrong with %j", (program, line) => {
    try {
      compile(program);
    } catch (error) {
      expect(error).toBeInstanceOf(ProgramError);
      expect((error as ProgramError).line).toBe(line);
      expect((error as ProgramError).message).not.toMatch(/undefined|\(\d+:\d+\)/);
      return;
    }
    throw new Error("it was taken");
  });
});
