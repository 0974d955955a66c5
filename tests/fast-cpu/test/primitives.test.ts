import { createCpuBackend } from "@kindling/backend-cpu";
import { describeBackend } from "@kindling/backend-testkit";
import { limits, wasmKernels } from "@kindling/backend-wasm";
import { describe, it } from "vitest";

// every size, not only those from which the kernels are faster
for (const name of Object.keys(limits) as (keyof typeof limits)[]) limits[name] = 0;

await describeBackend("cpu with WebAssembly", createCpuBackend, { describe, it }, { providers: [wasmKernels] });
