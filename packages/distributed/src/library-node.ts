import { writeSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus, hostname } from "node:os";
import { inspect } from "node:util";
import { getNumThreads, setNumThreads } from "@kindling/autograd";
import type * as Koffi from "koffi";
import { alone } from "./alone.js";
import { collectives } from "./bindings.js";
import { DistributedError } from "./errors.js";
import { type Handles, mpichHandles, openMpiHandles } from "./handles.js";
import { type Mpi, underWay } from "./mpi.js";

/** What launchers tell the processes that they start. */
interface Launch {
  /** Which library the launcher belongs to; `null` where either may. */
  readonly by: "Open MPI" | "MPICH" | null;
  /** Processes in all, where it says so. */
  readonly size: number | null;
}

/** How this process was started; `null`: by nobody that starts several. */
function launch(): Launch | null {
  const { OMPI_COMM_WORLD_SIZE, PMI_SIZE, PMI_RANK, PMIX_RANK, SLURM_STEP_NUM_TASKS } = process.env;
  const number = (text: string | undefined) => (text === undefined ? null : Number(text));
  if (OMPI_COMM_WORLD_SIZE !== undefined) return { by: "Open MPI", size: Number(OMPI_COMM_WORLD_SIZE) };
  if (PMI_SIZE !== undefined || PMI_RANK !== undefined) return { by: "MPICH", size: number(PMI_SIZE) };
  // `srun` starts several processes also without an interface that MPI could use: then MPI finds itself alone, and we say so
  if (PMIX_RANK !== undefined || Number(SLURM_STEP_NUM_TASKS) > 1) {
    return { by: null, size: number(SLURM_STEP_NUM_TASKS) };
  }
  return null;
}

const INSTALL = "install Open MPI (on Debian and Ubuntu: apt install openmpi-bin libopenmpi3)";

/** Under which names the libraries are installed; that of the launcher first. */
function candidates(by: Launch["by"]): readonly string[] {
  if (process.platform === "darwin")
    return ["libmpi.dylib", "/opt/homebrew/lib/libmpi.dylib", "/usr/local/lib/libmpi.dylib"];
  const openMpi = ["libmpi.so.40", "libmpi.so.80"];
  const mpich = ["libmpich.so.12", "libmpi.so.12"];
  return [...(by === "MPICH" ? [...mpich, ...openMpi] : [...openMpi, ...mpich]), "libmpi.so"];
}

let opened: Mpi | null = null;

/**
 * The world that `mpirun` started this process in; a world of one where nobody did.
 * @throws DistributedError where there should be others, and MPI is missing or cannot reach them
 */
export function openMpi(): Mpi {
  if (opened !== null) return opened;
  const started = launch();
  if (started === null) return alone;
  const koffi = loadKoffi();
  const library = loadLibrary(koffi, started.by);
  keepFreedMemory(koffi);
  opened = begin(library, started);
  return opened;
}

function loadKoffi(): typeof Koffi {
  try {
    // not imported: what it needs of the platform may be missing, and a program that is alone must run without it
    return createRequire(import.meta.url)("koffi");
  } catch {
    throw new DistributedError(
      "this process was started by mpirun, but koffi, which calls MPI's library, is not installed or does not load on this platform: npm install koffi",
    );
  }
}

function loadLibrary(koffi: typeof Koffi, by: Launch["by"]): Koffi.LibraryHandle {
  const files = candidates(by);
  const reasons: string[] = [];
  for (const file of files) {
    try {
      return koffi.load(file, { global: true }); // Open MPI loads parts of itself that look for its symbols
    } catch (error) {
      reasons.push(`  ${(error as Error).message}`);
    }
  }
  throw new DistributedError(
    `this process was started by mpirun, but MPI's library cannot be loaded: ${INSTALL}\n${reasons.join("\n")}`,
    { files },
  );
}

/** Parameters of glibc's `mallopt`, and what they are set to. */
const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;
const LARGEST_KEPT = 2 ** 25;
const KEPT = 2 ** 28;

/**
 * Has glibc keep freed memory for the next of MPI's own buffers, which it would hand back to the system and take as many fresh pages for each time:
 * adding up 64 MB took 250 ms with them and 16 ms without.
 */
function keepFreedMemory(koffi: typeof Koffi): void {
  if (process.platform !== "linux") return;
  try {
    const mallopt = koffi.load("libc.so.6").func("int mallopt(int parameter, int value)");
    mallopt(M_MMAP_THRESHOLD, LARGEST_KEPT);
    mallopt(M_TRIM_THRESHOLD, KEPT);
  } catch {
    // another C library, with habits of its own
  }
}

/** Which of the two kinds of handles a library has. */
function handlesOf(library: Koffi.LibraryHandle, version: string): Handles {
  if (/MPICH|MVAPICH|Intel\(R\) MPI|CRAY MPI/i.test(version)) return mpichHandles;
  try {
    return openMpiHandles((symbol) => library.symbol(symbol));
  } catch {
    throw new DistributedError(
      `this MPI's handles are not known here, neither Open MPI's nor MPICH's: ${version}. Instead, ${INSTALL}`,
      {
        version,
      },
    );
  }
}

/** MPI is called by one thread only. */
const THREAD_FUNNELED = 1;

function begin(library: Koffi.LibraryHandle, started: Launch): Mpi {
  const version = versionOf(library);
  const handles = handlesOf(library, version);
  const number = [0];
  library.func("int MPI_Init_thread(void *argc, void *argv, int required, _Out_ int *provided)")(
    null,
    null,
    THREAD_FUNNELED,
    number,
  );
  const ask = (name: string): number => {
    library.func(`int ${name}(${handles.type} comm, _Out_ int *value)`)(handles.world, number);
    return number[0];
  };
  const rank = ask("MPI_Comm_rank");
  const size = ask("MPI_Comm_size");
  const finalize: () => number = library.func("int MPI_Finalize()");
  if (started.size !== null && started.size !== size) {
    process.once("exit", () => finalize());
    throw new DistributedError(
      `${started.size} processes were started, but ${version} finds ${size}: the launcher belongs to another MPI. ` +
        "Start with the mpirun of this library, or under Slurm with srun --mpi=pmix",
      { started: started.size, found: size, version },
    );
  }
  shareThreads();
  const abort = library.func(`int MPI_Abort(${handles.type} comm, int code)`);
  const leave = endTogether(rank, size, finalize, (code) => abort(handles.world, code));
  return { description: version, rank, size, leave, ...collectives(library, handles) };
}

function versionOf(library: Koffi.LibraryHandle): string {
  const text = Buffer.alloc(8192); // MPI_MAX_LIBRARY_VERSION_STRING of both
  const length = [0];
  library.func("int MPI_Get_library_version(void *text, _Out_ int *length)")(text, length);
  return text.toString("utf8", 0, length[0]).split("\n")[0].split(", package")[0].replace(/\0/g, "").trim();
}

/** Ranks on one machine share its cores. A launcher that ties each rank to some of them has divided them already. */
function shareThreads(): void {
  const { OMPI_COMM_WORLD_LOCAL_SIZE, MPI_LOCALNRANKS, SLURM_NTASKS_PER_NODE } = process.env;
  const here = Number(OMPI_COMM_WORLD_LOCAL_SIZE ?? MPI_LOCALNRANKS ?? SLURM_NTASKS_PER_NODE ?? 1) || 1;
  const mine = availableParallelism();
  const share = mine < cpus().length ? mine : Math.floor(mine / here);
  setNumThreads(Math.max(1, Math.min(getNumThreads(), share)));
}

/** How long operations that nobody waited for may take at the end, in milliseconds. */
const LEFTOVERS = 5_000;

/**
 * A rank that ends well waits for the others to end; one that does not ends them all, and says why. Whom a signal kills, `mpirun` sees.
 * @returns what says that all have come to their end, so that from now on this one may have any exit code
 */
function endTogether(rank: number, size: number, finalize: () => void, abort: (code: number) => void): () => void {
  let left = false;
  const say = (text: string): void => {
    try {
      writeSync(2, `rank ${rank} of ${size} on ${hostname()}: ${text}\n`); // at once: we are about to be killed
    } catch {
      // nobody reads it
    }
  };
  // Node would print it only after "exit", which we do not come back from
  process.on("uncaughtExceptionMonitor", (error) => say(`uncaught ${inspect(error)}`));
  process.on("exit", (given) => {
    const code = Number(process.exitCode ?? given); // Node learns late that a top-level `await` never ends
    if (code !== 0 && !left) {
      say(`ends with exit code ${code}, and the others with it`);
      abort(code);
      return;
    }
    const deadline = Date.now() + LEFTOVERS;
    for (const request of underWay) {
      while (!request.test()) {
        if (Date.now() < deadline) continue;
        say("ends while operations are under way that other ranks do not take part in");
        abort(1);
        return;
      }
    }
    finalize();
  });
  return () => {
    left = true;
  };
}
