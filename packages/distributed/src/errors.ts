import { KindlingError } from "@kindling/autograd";

/** MPI is missing or cannot be used as it is installed, or the ranks do not fit together. */
export class DistributedError extends KindlingError {}
