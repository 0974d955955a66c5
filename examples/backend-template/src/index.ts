import { type Backend, dtypeInfo, type Primitives, primitiveNames, registerBackend } from "@kindling/storage";
import { Link } from "./link.js";

/** The address of a storage's memory on the other side: its handle here holds it. */
const addressOf = ({ handle }: { handle: unknown }): number => (handle as { address: number }).address;

/** An argument as it crosses to the other thread: a view with the address of its memory, all else as it is. */
function sent(argument: Parameters<Primitives[keyof Primitives]>[number]): unknown {
  if (typeof argument !== "object" || !("storage" in argument)) return argument;
  const { storage, shape, strides, offset } = argument;
  return { address: addressOf(storage), shape, strides, offset };
}

/**
 * A device that computes on a thread of its own. Calls become messages, which the thread works through in their order (`worker.ts`); a
 * read is a message that is answered. Nothing here waits, so there is no `readSync`.
 */
export function createWorkerBackend(): Backend {
  const link = new Link();
  const unreachable = new FinalizationRegistry<number>((address) => link.send("free", address));
  let last = 0;

  const primitives = Object.fromEntries(
    primitiveNames.map((name) => [name, (...args: Parameters<typeof sent>) => link.send(name, ...args.map(sent))]),
  ) as unknown as Primitives;

  return {
    ...primitives,
    capabilities: { syncRead: false, dtypes: ["float64", "float32", "int32", "uint8", "bool"] },
    allocate(dtype, length) {
      // The weight is never touched, but V8 counts its bytes, and so collects handles as often as the device needs it.
      const handle = { address: ++last, weight: new ArrayBuffer(length * dtypeInfo[dtype].bytes) };
      link.send("allocate", handle.address, dtype, length);
      unreachable.register(handle, handle.address);
      return handle;
    },
    write: (storage, offset, values) => link.send("write", addressOf(storage), offset, values),
    read: (storage, offset, length) => link.ask("read", addressOf(storage), offset, length),
  };
}

registerBackend("worker", createWorkerBackend);
