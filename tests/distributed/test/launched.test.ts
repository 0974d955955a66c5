import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { hasMpi, programPath } from "../src/mpirun.js";

/** What `initProcessGroup` says in one of two processes that MPICH's launcher has started. */
const complaint = (...args: string[]): string =>
  execFileSync(process.execPath, [programPath("launched.mjs"), ...args], {
    env: { ...process.env, PMI_SIZE: "2", PMI_RANK: "0" },
    encoding: "utf8",
  });

describe("initProcessGroup", () => {
  it("says what to install where MPI's library is missing", () => {
    expect(complaint("without")).toMatch(
      /^DistributedError: .* MPI's library cannot be loaded: install Open MPI \(on Debian and Ubuntu: apt install openmpi-bin libopenmpi3\)\n {2}libmpich/,
    );
  });

  it.skipIf(!hasMpi)("refuses a library that does not find the other processes", () => {
    expect(complaint()).toMatch(
      /^DistributedError: 2 processes were started, but .* finds 1: the launcher belongs to another MPI\./,
    );
  });
});
