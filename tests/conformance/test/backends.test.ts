import { createCpuBackend } from "@kindling/backend-cpu";
import { describeBackend } from "@kindling/backend-testkit";
import { createOpaqueBackend } from "@kindling-tests/opaque-backend";
import { describe, it } from "vitest";

await describeBackend("cpu", createCpuBackend, { describe, it });
await describeBackend("opaque", createOpaqueBackend, { describe, it });
