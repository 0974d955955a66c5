import {
  type Device,
  type DType,
  dtypeInfo,
  dtypeOf,
  type HostArray,
  isFloat,
  storageFrom,
  type View,
} from "@kindling/storage";
import type { Bench, Test } from "./bench.js";
import { hostArray, limits, valueOf } from "./cases.js";

/** A fresh one-dimensional view with these values. */
export const load = (device: Device, values: HostArray, dtype: DType = dtypeOf(values)): View => ({
  storage: storageFrom(device, dtype, values),
  shape: [values.length],
  strides: [1],
  offset: 0,
});

/** All that is in the view's storage. */
export const unload = (device: Device, { storage }: View): Promise<HostArray> =>
  device.backend.read(storage, 0, storage.length);

function expectValues(title: string, dtype: DType, got: HostArray, expected: HostArray): void {
  const { Host } = dtypeInfo[dtype];
  if (!(got instanceof Host))
    throw new Error(`${title}: ${dtype} comes in a ${Host.name}, got ${Object.prototype.toString.call(got)}`);
  if (got.length !== expected.length)
    throw new Error(`${title}: expected ${expected.length} elements, got ${got.length}`);
  const i = expected.findIndex((x: number | bigint, at: number) => !Object.is(got[at], x));
  if (i >= 0) throw new Error(`${title}: element ${i}: expected ${expected[i]}, got ${got[i]}`);
}

const sample = (dtype: DType, length: number, operand: number): HostArray =>
  hostArray(
    dtype,
    Array.from({ length }, (_, i) => valueOf("any", dtype, i, operand)),
  );

/** The values of a dtype that are easily lost on the way. */
function delicate(dtype: DType, nonFinite: boolean): HostArray {
  if (dtype === "bool") return hostArray(dtype, [0, 1]);
  if (!isFloat(dtype)) return hostArray(dtype, [...limits(dtype), 0n, 1n]);
  return hostArray(dtype, [
    0,
    0.5,
    ...(nonFinite ? [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] : []),
  ]);
}

function* dtypeTests({ subject, dtypes, nonFinite }: Bench): Iterable<Test> {
  const { backend } = subject;
  const test = (
    title: string,
    run: (expect: (got: HostArray, expected: HostArray) => void) => Promise<void>,
    dtype: DType,
  ): Test => ({
    title,
    run: () => run((got, expected) => expectValues(title, dtype, got, expected)),
  });
  for (const dtype of dtypes) {
    yield test(
      `write and read ${dtype} at offsets`,
      async (expect) => {
        const all = sample(dtype, 11, 0);
        const { storage } = load(subject, all, dtype);
        const part = sample(dtype, 9, 1).subarray(2, 5); // not at the start of its buffer
        backend.write(storage, 4, part as HostArray);
        all.set(part as never, 4);
        expect(await backend.read(storage, 0, 11), all);
        expect(await backend.read(storage, 3, 5), all.slice(3, 8));
        expect(await backend.read(storage, 10, 1), all.slice(10));
      },
      dtype,
    );
    yield test(
      `write and read ${dtype} special values`,
      async (expect) => {
        const values = delicate(dtype, nonFinite);
        expect(await unload(subject, load(subject, values, dtype)), values);
      },
      dtype,
    );
    yield test(
      `write ${dtype} copies`,
      async (expect) => {
        const values = sample(dtype, 5, 0);
        const before = values.slice();
        const view = load(subject, values, dtype);
        values.set(sample(dtype, 5, 1) as never);
        const first = await unload(subject, view);
        expect(first, before);
        first.set(sample(dtype, 5, 2) as never);
        expect(await unload(subject, view), before);
      },
      dtype,
    );
    yield test(
      `write and read ${dtype} nothing`,
      async (expect) => {
        const none = hostArray(dtype, []);
        const empty = load(subject, none, dtype);
        backend.write(empty.storage, 0, none);
        backend.fill(empty, dtype === "int64" ? 1n : 1);
        backend.copy(empty, load(subject, none, dtype));
        expect(await unload(subject, empty), none);
        const some = load(subject, sample(dtype, 3, 0), dtype);
        backend.write(some.storage, 3, none);
        expect(await backend.read(some.storage, 3, 0), none);
        expect(await unload(subject, some), sample(dtype, 3, 0));
      },
      dtype,
    );
    yield test(
      `read ${dtype} sees what was called before it, and nothing later`,
      async (expect) => {
        const [first, second, third] = [0, 1, 2].map((i) => sample(dtype, 6, i));
        const a = load(subject, first, dtype);
        const b = load(subject, third, dtype);
        const reads: [Promise<HostArray>, HostArray][] = [];
        const read = (view: View, expected: HostArray): unknown => reads.push([unload(subject, view), expected]);
        read(a, first);
        backend.copy(b, a);
        backend.write(a.storage, 0, second);
        read(b, first);
        read(a, second);
        backend.copy(b, a);
        backend.fill(a, dtype === "int64" ? 1n : 1);
        read(b, second);
        read(a, hostArray(dtype, [1, 1, 1, 1, 1, 1]));
        for (const [got, expected] of reads.reverse()) expect(await got, expected);
      },
      dtype,
    );
    if (subject.capabilities.syncRead) {
      yield test(
        `readSync ${dtype}`,
        async (expect) => {
          const values = sample(dtype, 6, 0);
          const view = load(subject, values, dtype);
          expect(backend.readSync?.(view.storage, 0, 6) as HostArray, values);
          expect(backend.readSync?.(view.storage, 2, 3) as HostArray, values.slice(2, 5));
        },
        dtype,
      );
    }
  }
}

/** Tests of allocate, write, read, readSync and synchronize, and of the order in which they take effect. */
export function* transferTests(bench: Bench): Iterable<Test> {
  yield* dtypeTests(bench);
  yield {
    title: "synchronize resolves",
    async run() {
      const view = load(bench.subject, hostArray("float32", [1]));
      bench.subject.backend.fill(view, 2);
      await bench.subject.backend.synchronize?.();
      expectValues(this.title, "float32", await unload(bench.subject, view), hostArray("float32", [2]));
    },
  };
}
