import { describeBackend } from "@kindling/backend-testkit";
import { createWorkerBackend } from "@kindling-examples/backend-template";
import { describe, it } from "vitest";

await describeBackend("worker", createWorkerBackend, { describe, it });
