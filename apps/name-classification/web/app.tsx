import { connect, messageOf, Problem } from "app-common/web";
import { useEffect, useState } from "preact/hooks";
import pretrained from "../pretrained/names.safetensors?url";
import { Checkpoint } from "./checkpoint.js";
import { Name } from "./name.js";
import { Result } from "./result.js";
import { Training } from "./training.js";
import type { NamesWorker, Overview } from "./worker.js";

const worker = connect<NamesWorker>(new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }));

/** Opens the checkpoint that ships with the page. */
async function openPretrained(): Promise<Overview> {
  const answer = await fetch(pretrained);
  if (!answer.ok) throw new Error(`the pretrained checkpoint does not load: ${answer.status} ${answer.statusText}`);
  return worker.open(await answer.blob(), "pretrained checkpoint");
}

/** The page: one run, and four views of it. */
export function App() {
  const [run, setRun] = useState<Overview>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  const reset = (): Promise<void> =>
    openPretrained().then(setRun, (error) => {
      setProblem(messageOf(error));
    });
  useEffect(() => {
    void reset();
  }, []);

  return (
    <>
      <header class="page-head">
        <h1>Which language is a name from?</h1>
        <p>
          A recurrent network reads a surname letter by letter and guesses where it comes from. It computes in this
          page, and it can learn here too: nothing leaves your machine.
        </p>
        <Problem message={problem} />
      </header>
      <main aria-busy={run === undefined}>
        {run ? (
          <>
            <Name run={run} worker={worker} busy={busy} />
            <Training run={run} worker={worker} busy={busy} onBusy={setBusy} onRun={setRun} />
            <Result run={run} />
            <Checkpoint run={run} worker={worker} busy={busy} onRun={setRun} onReset={reset} />
          </>
        ) : (
          problem === undefined && <p class="soft">Loading the network …</p>
        )}
      </main>
    </>
  );
}
