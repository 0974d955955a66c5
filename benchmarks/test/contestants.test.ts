import { expect, test } from "vitest";
import { type Contestant, type Job, run } from "../src/contestants.js";

const job = (...rows: string[]): Job => ({
  rows,
  threads: 1,
  patience: { repeat: 0, repeats: 1, warm: 0, slow: 0 },
});

/** A program that goes through the rows of its job. */
const program = (body: string, limit = 30): Contestant => ({
  name: "someone",
  command: [
    process.execPath,
    "--eval",
    `const say = (line) => console.log(JSON.stringify(line));
     for (const row of JSON.parse(process.argv.at(-1)).rows) { ${body} }`,
  ],
  limit,
});

test("gives what a program reports, and nothing of a row it does not know", async () => {
  const someone = program(`if (row !== "b") say({ row, measured: row.length });`);
  expect(await run(someone, job("a", "b", "cc"))).toMatchObject([
    { row: "a", measured: 1 },
    { row: "cc", measured: 2 },
  ]);
});

test("a row that fails costs that row alone", async () => {
  const someone = program(`if (row === "b") throw new Error("no b"); say({ row, measured: 1 });`);
  expect(await run(someone, job("a", "b", "c"))).toMatchObject([
    { row: "a", measured: 1 },
    { row: "b", missing: "Error: no b" },
    { row: "c", measured: 1 },
  ]);
});

test("a row that takes too long is given up, or counts with its first call", async () => {
  const hang = "while (true);";
  const someone = program(
    `if (row === "b") { say({ row, measured: 9, first: true }); ${hang} } say({ row, measured: 1 });`,
    2,
  );
  expect(await run(someone, job("a", "b", "c"))).toMatchObject([
    { row: "a", measured: 1 },
    { row: "b", measured: 9, first: true },
    { row: "c", measured: 1 },
  ]);
  expect(await run(program(`if (row === "a") ${hang} say({ row, measured: 1 });`, 2), job("a", "b"))).toMatchObject([
    { row: "a", missing: "more than 2 s" },
    { row: "b", measured: 1 },
  ]);
});
