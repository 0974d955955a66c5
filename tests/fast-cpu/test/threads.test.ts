import { backendInfo, init, setNumThreads } from "@kindling/autograd";
import "@kindling/backend-wasm";
import { expect, it } from "vitest";

it("says what was found", async () => {
  setNumThreads(2);
  await init("cpu");
  expect(backendInfo("cpu").providers[0]).toMatchObject({
    name: "wasm",
    priority: 10,
    info: expect.stringMatching(/SIMD.*threads/),
  });
});
