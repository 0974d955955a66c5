import type { LibraryHandle } from "koffi";
import type { Handles } from "./handles.js";
import { type Collectives, type Request, underWay } from "./mpi.js";

type Arguments = readonly unknown[];
type Routine = (...args: unknown[]) => number;

/**
 * MPI's collectives, blocking and started. Typed arrays are passed by their address. MPI's default handler of errors ends the whole
 * job with a message, so return values say nothing.
 */
export function collectives(
  library: LibraryHandle,
  handles: Handles,
): { now: Collectives<void>; later: Collectives<Request> } {
  const { type: handle, world, elements, combinations, inPlace, ignoreStatus } = handles;
  const data = `int count, ${handle} type`;
  const parameters = {
    barrier: "",
    broadcast: `void *memory, ${data}, int root, `,
    allReduce: `void *from, void *to, ${data}, ${handle} op, `,
    allGather: `void *from, ${data}, void *to, int countEach, ${handle} typeEach, `,
    reduceScatter: `void *from, void *to, ${data}, ${handle} op, `,
  };
  const names = {
    barrier: "barrier",
    broadcast: "bcast",
    allReduce: "allreduce",
    allGather: "allgather",
    reduceScatter: "reduce_scatter_block",
  };

  const test = library.func("int MPI_Test(void *request, _Out_ int *done, void *status)") as Routine;
  const wait = library.func("int MPI_Wait(void *request, void *status)") as Routine;

  function request(id: BigInt64Array, memory: Arguments): Request {
    const done = [0];
    const under: Request & { memory: Arguments | null } = {
      memory, // held until it is complete
      test() {
        if (under.memory === null) return true;
        test(id, done, ignoreStatus);
        if (done[0] === 0) return false;
        finish();
        return true;
      },
      wait() {
        if (under.memory === null) return;
        wait(id, ignoreStatus);
        finish();
      },
    };
    function finish(): void {
      under.memory = null;
      underWay.delete(under);
    }
    underWay.add(under);
    return under;
  }

  /** Both forms of a collective, on the arguments before the communicator. */
  const both = {} as Record<
    keyof typeof names,
    { now: (args: Arguments) => void; later: (args: Arguments) => Request }
  >;
  for (const [name, own] of Object.entries(names) as [keyof typeof names, string][]) {
    const blocking = library.func(
      `int MPI_${own[0].toUpperCase()}${own.slice(1)}(${parameters[name]}${handle} comm)`,
    ) as Routine;
    const started = library.func(`int MPI_I${own}(${parameters[name]}${handle} comm, void *request)`) as Routine;
    both[name] = {
      now: (args) => void blocking(...args, world),
      later(args) {
        const id = new BigInt64Array(1);
        // V8 moves small arrays about in its heap, until somebody asks for their buffer
        for (const memory of [id, ...args]) if (ArrayBuffer.isView(memory)) memory.buffer;
        started(...args, world, id);
        return request(id, args);
      },
    };
  }

  const form = <R>(when: "now" | "later"): Collectives<R> => {
    const run = (name: keyof typeof names, ...args: Arguments): R => both[name][when](args) as R;
    return {
      barrier: () => run("barrier"),
      broadcast: (memory, count, type, root) => run("broadcast", memory, count, elements[type], root),
      allReduce(memory, count, type, how) {
        const pieces = piecesOf(memory, count).map((piece) =>
          run("allReduce", inPlace, piece, piece.length, elements[type], combinations[how]),
        );
        return pieces.length === 1 ? pieces[0] : (together(pieces as Request[]) as R);
      },
      allGather: (from, to, count, type) => run("allGather", from, count, elements[type], to, count, elements[type]),
      reduceScatter: (from, to, count, type, how) =>
        run("reduceScatter", from, to, count, elements[type], combinations[how]),
    };
  };
  return { now: form<void>("now"), later: form<Request>("later") };
}

/** Bytes that are combined at once. MPI takes as much memory for a buffer of its own, and glibc never keeps pieces above 32 MB for the next time. */
const PIECE = 2 ** 24;

function piecesOf(memory: ArrayBufferView, count: number): readonly Float32Array[] {
  const elements = memory as Float32Array; // any typed array
  const most = PIECE / elements.BYTES_PER_ELEMENT;
  if (count <= most) return [elements];
  return Array.from({ length: Math.ceil(count / most) }, (_, i) => elements.subarray(i * most, (i + 1) * most));
}

/** Several operations as one; blocking ones are done already. */
const together = (requests: readonly Request[]): Request => ({
  test: () => requests.every((request) => request.test()),
  wait() {
    for (const request of requests) request.wait();
  },
});
