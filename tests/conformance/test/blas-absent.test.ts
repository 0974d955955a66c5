import { ones } from "@kindling/autograd";
import { blasInfo } from "@kindling/backend-blas";
import { backendInfo, getDevice } from "@kindling/storage";
import { expect, it, vi } from "vitest";

vi.mock("#library", () => ({ openBlas: () => "none: this is a test" }));

it("leaves products to the kernels below where there is no BLAS", () => {
  const { available, description } = blasInfo();
  expect(available).toBe(false);
  expect(description).toBe("none: this is a test");
  expect(backendInfo("cpu").providers).toContainEqual({ name: "blas", priority: 20, info: description });
  expect(getDevice("cpu").providers.find(({ name }) => name === "blas")?.kernels).toEqual({});
  expect(ones(64, 64).matmul(ones(64, 64)).sum().item()).toBe(64 ** 3);
});
