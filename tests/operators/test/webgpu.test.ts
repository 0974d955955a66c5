import "@kindling/backend-webgpu";
import { init } from "@kindling/storage";
import { describe, it, vi } from "vitest";
import { expectSameOn } from "../src/on-device.js";
import { table } from "../src/table.js";

/*
 * Every operator on the GPU that there is, or in software.
 */

const required = process.env.KINDLING_REQUIRE?.split(",").includes("webgpu") === true;
const missing = await init("webgpu").then(
  () => undefined,
  (error: Error) => {
    if (required) throw error;
    return error.message;
  },
);

// adapters in software compile slowly
vi.setConfig({ testTimeout: 120_000 });

/** Operators that draw numbers from the device's own stream. */
const drawing = ["alphaDropout", "dropout", "featureAlphaDropout", "featureDropout"];

describe.skipIf(missing)(`operators on webgpu${missing ? ` (skipped: ${missing})` : ""}`, () => {
  const others = Object.entries(table).filter(([name]) => !drawing.includes(name));
  it.each(others)("%s", (name, cases) => expectSameOn("webgpu", name, cases));
});
