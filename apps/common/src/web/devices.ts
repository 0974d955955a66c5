/** A device that the page may offer. */
export interface DeviceChoice {
  /** As `init` knows it. */
  name: "cpu" | "webgpu";
  label: string;
  /** What it is here: the adapter, how many threads. */
  detail: string;
  /** Whether it can be chosen; where not, `detail` says why. */
  available: boolean;
  /** Whether this is a GPU that the processor plays: slower than WebAssembly. */
  simulated?: boolean;
}

/**
 * What this browser has, the GPU first. Looks only: nothing is opened.
 * @param threads that WebAssembly is given where it can have them
 */
export async function findDevices(threads = navigator.hardwareConcurrency): Promise<DeviceChoice[]> {
  return [await gpu(), { name: "cpu", label: "WebAssembly", detail: threadsOf(threads), available: true }];
}

async function gpu(): Promise<DeviceChoice> {
  const choice = { name: "webgpu", label: "WebGPU" } as const;
  if (!navigator.gpu) {
    const detail = isSecureContext
      ? "This browser has no WebGPU."
      : "Browsers give WebGPU only to pages that come over HTTPS or from localhost.";
    return { ...choice, detail, available: false };
  }
  try {
    const adapter = await navigator.gpu.requestAdapter();
    if (!adapter)
      return { ...choice, detail: "This browser knows WebGPU, but finds no GPU it may use.", available: false };
    const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
    return {
      ...choice,
      detail: description || [vendor, architecture].filter(Boolean).join(" ") || "GPU",
      available: true,
      simulated: isFallbackAdapter || architecture === "swiftshader",
    };
  } catch (error) {
    return { ...choice, detail: `The GPU cannot be opened: ${(error as Error).message}`, available: false };
  }
}

/** On how many threads WebAssembly runs, and why on one. */
function threadsOf(threads: number): string {
  if (!crossOriginIsolated) return "One thread: the page is not cross-origin isolated, so it has no SharedArrayBuffer.";
  const cores = navigator.hardwareConcurrency;
  if (cores === 1) return "One thread: this machine has one core.";
  const said = threads === 1 ? "One thread" : `${threads} threads`;
  return threads < cores ? `${said}; the page keeps a core for itself.` : said;
}
