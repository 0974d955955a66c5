import { createCpuBackend } from "@kindling/backend-cpu";
import type { Backend, Device, DType, KernelProvider } from "@kindling/storage";
import { type Check, check } from "./compare.js";
import { openedAs } from "./subject.js";

/** One conformance test; it throws where the backend is wrong. */
export interface Test {
  readonly title: string;
  run(): Promise<void>;
}

/** The device under test beside the reference, both under names of their own. */
export class Bench {
  readonly subject: Device;
  readonly reference: Device;
  /** What both devices have. */
  readonly dtypes: readonly DType[];
  readonly nonFinite: boolean;

  constructor(name: string, subject: Backend, providers: readonly KernelProvider[]) {
    this.subject = openedAs(name, subject, providers);
    this.reference = openedAs("reference", createCpuBackend());
    this.dtypes = [...this.subject.dtypes].filter((dtype) => this.reference.dtypes.has(dtype));
    this.nonFinite = subject.capabilities.nonFinite !== false;
  }

  /** A test of one or several calls, which are put together when it runs. */
  test(title: string, calls: () => readonly Omit<Check, "title">[]): Test {
    return {
      title,
      run: async () => {
        const all = calls();
        if (all.length === 0) throw new Error(`${title}: a test of nothing`);
        for (const call of all) await check(this.subject, this.reference, { ...call, title });
      },
    };
  }
}
