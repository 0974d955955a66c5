import { mergeConfig } from "vitest/config";
import shared from "../../vitest.shared.ts";

/** One file at a time: each test fills the machine with ranks. */
export default mergeConfig(shared, { test: { fileParallelism: false, testTimeout: 120_000, hookTimeout: 120_000 } });
