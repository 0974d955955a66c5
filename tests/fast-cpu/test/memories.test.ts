import { backendInfo, init, randn, setNumThreads, type Tensor } from "@kindling/autograd";
import "@kindling/backend-wasm";
import { expect, it } from "vitest";
import { close, plain } from "./support.js";

const info = (): string => backendInfo("cpu").providers[0].info as string;
const bits = (t: Tensor): unknown => [...t.toTypedArray()];

it("moves to shared memory when several threads are wanted, with the same results", async () => {
  setNumThreads(1);
  const [x, w, large] = [randn(40, 300), randn(300, 200), randn(1300, 1300)];
  const results = (): Tensor[] => [x.matmul(w), x.matmul(w), x.matmul(w), x.softmax(1), large.matmul(large).sum(0)];
  const alone = results(); // w is packed, and stays; the last one lets the memory grow
  expect(info()).toMatch(/one thread/);
  close(alone[2], x.to(plain).matmul(w.to(plain)).to("cpu"), 1e-4);
  close(alone[3], x.to(plain).softmax(1).to("cpu"), 1e-6);

  setNumThreads(2);
  await init("cpu");
  const together = results();
  expect(info()).toMatch(/threads/);
  setNumThreads(1);
  const again = results();
  alone.forEach((one, i) => {
    expect(bits(together[i])).toEqual(bits(one));
    expect(bits(again[i])).toEqual(bits(one));
  });
});
