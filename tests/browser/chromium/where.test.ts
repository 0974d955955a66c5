import { backendInfo, init, setNumThreads } from "@kindling/autograd";
import "@kindling/backend-wasm";
import { expect, inject, it } from "vitest";

it("is the kind of page that the project says: with threads, or without", async () => {
  const isolated = inject("isolated");
  expect(globalThis.crossOriginIsolated).toBe(isolated);
  setNumThreads(2);
  await init("cpu");
  expect(backendInfo("cpu").providers[0]?.info).toMatch(isolated ? /SIMD.*, threads/ : /SIMD.*, one thread/);
  setNumThreads(1);
});
