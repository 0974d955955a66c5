import { describe, expect, it } from "vitest";
import { hasMpi, mpirun, programPath } from "../src/mpirun.js";

const ends = (how: string) => mpirun(2, [programPath("ends.mjs"), how], {}, 40);

describe.skipIf(!hasMpi)("a job", () => {
  it.each([
    ["throws", /^rank 1 of 2 on \S+: uncaught TypeError: the data of rank 1 is broken$/m],
    ["rejects", /^rank 1 of 2 on \S+: uncaught RangeError: rank 1 lost its promise$/m],
    ["exits", /^rank 1 of 2 on \S+: ends with exit code 3, and the others with it$/m],
    ["hangs", /^rank 1 of 2 on \S+: ends with exit code 13, and the others with it$/m],
    ["killed", /signal 9/],
  ])("ends as a whole, with a message, when a rank %s", async (how, message) => {
    const { code, stdout, stderr, seconds } = await ends(how);
    expect(code, "it ended by itself").not.toBeNull();
    expect(code).not.toBe(0);
    expect(stderr + stdout).toMatch(message);
    expect(stdout).not.toContain("came through");
    expect(seconds).toBeLessThan(30); // Node and MPI take most of it to start
  });

  it("ends well when all ranks do", async () => {
    expect(await ends("well")).toMatchObject({ code: 0, stdout: "", stderr: "" });
  });

  it("may end with any code behind destroyProcessGroup", async () => {
    const { code, stderr } = await ends("destroyed");
    expect(code).toBe(5);
    expect(stderr).not.toContain("MPI_ABORT");
  });

  it("says so where an operation is under way that others never begin", async () => {
    const { code, stderr } = await ends("leftover");
    expect(code).toBe(1);
    expect(stderr).toContain("rank 1 of 2");
    expect(stderr).toContain("ends while operations are under way that other ranks do not take part in");
  });
});
