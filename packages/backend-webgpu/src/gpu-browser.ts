/// <reference types="@webgpu/types" />

/** A browser's way to a GPU. */
export async function findGpu(): Promise<GPU> {
  const own = (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
  if (own) return own;
  throw new Error(
    (globalThis as { isSecureContext?: boolean }).isSecureContext === false
      ? "pages have no WebGPU unless they come over HTTPS or from localhost"
      : "this browser has no WebGPU",
  );
}

/** What else may be missing when the GPU has no adapter. */
export const adapterHint =
  "The browser knows the GPU, and gives it to no page: see chrome://gpu; on Linux Chromium may need --enable-unsafe-webgpu.";

/** Pages cannot look for dead objects inside a synchronous loop. */
export const endJob: (() => void) | null = null;
export const collectGarbage: (() => void) | null = null;

/** Memory that nobody fills. */
export const untouched = (bytes: number): ArrayBuffer => new ArrayBuffer(bytes);
