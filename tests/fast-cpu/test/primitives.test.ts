import { createCpuBackend } from "@kindling/backend-cpu";
import { describeBackend } from "@kindling/backend-testkit";
import { wasmKernels } from "@kindling/backend-wasm";
import { describe, it } from "vitest";

await describeBackend("cpu with WebAssembly", createCpuBackend, { describe, it }, { providers: [wasmKernels] });
