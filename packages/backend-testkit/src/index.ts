import { type Backend, type KernelProvider, primitiveNames } from "@kindling/storage";
import { Bench, type Test } from "./bench.js";
import { operatorTests } from "./operators.js";
import { primitiveTests } from "./primitives.js";
import { trainingTests } from "./training.js";

export * as operators from "./operators/index.js";

/** What the suite needs of a test runner: Vitest, node:test, Mocha and others have it. */
export interface Runner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => void | Promise<void>): unknown;
}

/** A test that the backend is known to fail. One that passes after all fails, and so does a skip that names no test. */
export interface Skip {
  /** The title of a test, or a pattern that titles match: `"unary erf float32 empty"`, `/^sort bool/`. */
  readonly test: string | RegExp;
  /** Why; it stands in the test's title. */
  readonly reason: string;
}

export interface ConformanceOptions {
  readonly skips?: readonly Skip[];
  /** Kernels stacked on the backend, each above the one before: the tests of a provider. */
  readonly providers?: readonly KernelProvider[];
}

/**
 * Tests a backend against the contract of `@kindling/storage`: every primitive, for each of its names and each dtype that the
 * backend has, in every layout, with poisoned outputs, compared with the kernels of `@kindling/backend-cpu`, memory, the order of reads
 * and writes, and what happens in place; then every operator above the contract, values and gradients, and short trainings.
 * Cases with NaN and infinity are left out where `capabilities.nonFinite` is false; where the device has float64 and can be read at once, it
 * also holds the derivatives against finite differences. The backend is registered for that as the device `name`, or where there is
 * one already, as `name #2` and so on.
 *
 * ```ts
 * import { describe, it } from "vitest";
 * await describeBackend("mine", () => createMyBackend(), { describe, it });
 * ```
 *
 * The tests are registered before this returns where `make` answers at once; where it returns a promise, await the result.
 * A backend that cannot be made, or lacks a required member, has a single failing test that says so.
 */
export async function describeBackend(
  name: string,
  make: () => Backend | Promise<Backend>,
  runner: Runner,
  options: ConformanceOptions = {},
): Promise<void> {
  let tests: Iterable<Test>;
  try {
    const made = make();
    const backend = made instanceof Promise ? await made : made;
    const broken = missing(backend);
    tests = broken
      ? [failing("has every required member", `backend '${name}': ${broken}`)]
      : expectingSkips(allTests(new Bench(name, backend, options.providers ?? [])), options.skips ?? []);
  } catch (error) {
    tests = [failing("opens", `backend '${name}': ${error instanceof Error ? error.message : error}`, error)];
  }
  runner.describe(`backend ${name}`, () => {
    for (const test of tests) runner.it(test.title, () => test.run());
  });
}

function* allTests(bench: Bench): Iterable<Test> {
  yield* primitiveTests(bench);
  yield* operatorTests(bench);
  yield* trainingTests(bench);
}

const failing = (title: string, message: string, cause?: unknown): Test => ({
  title,
  run: () => Promise.reject(new Error(message, { cause })),
});

/** What keeps the backend from being tested at all. */
function missing(backend: Backend): string | undefined {
  const capabilities = backend.capabilities;
  if (!Array.isArray(capabilities?.dtypes) || typeof capabilities.syncRead !== "boolean") {
    return "`capabilities` must have `dtypes` and `syncRead`";
  }
  const dtypes = (["float32", "int32", "bool"] as const).filter((dtype) => !capabilities.dtypes.includes(dtype));
  if (dtypes.length > 0) return `lacks the required ${dtypes.join(", ")}`;
  const members = [
    "allocate",
    "write",
    "read",
    ...(capabilities.syncRead ? ["readSync"] : []),
    ...primitiveNames,
  ] as const;
  const absent = members.filter((member) => typeof backend[member as keyof Backend] !== "function");
  return absent.length > 0 ? `lacks the required ${absent.join(", ")}` : undefined;
}

/** Turns the tests that a skip names into their opposite. */
function expectingSkips(tests: Iterable<Test>, skips: readonly Skip[]): Test[] {
  const used = new Set<Skip>();
  const result = [...tests].map((test) => {
    const skip = skips.find((s) =>
      typeof s.test === "string" ? s.test === test.title : test.title.search(s.test) >= 0,
    );
    if (!skip) return test;
    used.add(skip);
    return expectedToFail(test, skip);
  });
  const idle = skips.filter((skip) => !used.has(skip));
  return [...result, ...idle.map((s) => failing(`skip ${s.test}`, `the skip '${s.test}' (${s.reason}) names no test`))];
}

const expectedToFail = (test: Test, { reason }: Skip): Test => ({
  title: `${test.title} [skip: ${reason}]`,
  async run() {
    try {
      await test.run();
    } catch {
      return;
    }
    throw new Error(`${test.title} passes: take away its skip ('${reason}')`);
  },
});
