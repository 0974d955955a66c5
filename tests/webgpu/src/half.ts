import { openWebGpu } from "./adapter.js";

const { env } = process;
/**
 * A driver with float16 for tests of that, beside the one for all others: SwiftShader has none, Mesa's llvmpipe has, but takes LLVM's
 * time to compile. Half as wide vectors halve that.
 */
if (env.KINDLING_FLOAT16_DRIVER) {
  env.VK_DRIVER_FILES = env.KINDLING_FLOAT16_DRIVER;
  env.LP_NATIVE_VECTOR_WIDTH ??= "128";
}

const found = await openWebGpu();

/** Why float16 cannot be tested here, or nothing. Where it must be (KINDLING_REQUIRE), this fails. */
export const missing =
  typeof found === "string"
    ? found
    : found.capabilities.dtypes.includes("float16")
      ? undefined
      : "the adapter has no shader-f16; KINDLING_FLOAT16_DRIVER names a Vulkan driver that has";

if (missing !== undefined && env.KINDLING_REQUIRE?.split(",").includes("float16")) throw new Error(missing);
