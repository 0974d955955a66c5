import { createWebGpuBackend } from "@kindling/backend-webgpu";
import { type Backend, init } from "@kindling/storage";

const required = process.env.KINDLING_REQUIRE?.split(",").includes("webgpu") === true;

/** An opened backend, or why there is none. Tests skip then, unless KINDLING_REQUIRE asks for a GPU. */
export async function openWebGpu(): Promise<Backend | string> {
  try {
    return await createWebGpuBackend();
  } catch (error) {
    if (required) throw error;
    return (error as Error).message;
  }
}

/** Opens the device `webgpu`; what keeps it from that, or nothing. */
export async function initWebGpu(): Promise<string | undefined> {
  try {
    await init("webgpu");
    return undefined;
  } catch (error) {
    if (required) throw error;
    return (error as Error).message;
  }
}
