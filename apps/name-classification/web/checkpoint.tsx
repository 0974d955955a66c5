import { FileDrop, messageOf, Problem, type Remote, saveFile } from "app-common/web";
import { useState } from "preact/hooks";
import type { NamesWorker, Overview } from "./worker.js";

/** The open run as a file: the command line's checkpoints, both ways. */
export function Checkpoint(props: {
  run: Overview;
  worker: Remote<NamesWorker>;
  busy: boolean;
  onRun(run: Overview): void;
  onReset(): Promise<void>;
}) {
  const { run, worker, busy, onRun, onReset } = props;
  const [problem, setProblem] = useState<string>();
  const [status, setStatus] = useState("");

  async function attempt(work: () => Promise<string>): Promise<void> {
    setProblem(undefined);
    setStatus("");
    try {
      setStatus(await work());
    } catch (error) {
      setProblem(messageOf(error));
    }
  }

  const open = (file: File) =>
    attempt(async () => {
      onRun(await worker.open(file, file.name));
      return `${file.name} is open.`;
    });
  const save = () =>
    attempt(async () => {
      saveFile(await worker.save(), "checkpoint.safetensors");
      return "Saved as checkpoint.safetensors.";
    });
  const reset = () =>
    attempt(async () => {
      await onReset();
      return "The pretrained network is open.";
    });

  const { settings, position, languages, parameters } = run;
  return (
    <section class="card" aria-labelledby="checkpoint-title">
      <h2 id="checkpoint-title">Checkpoint</h2>
      <p class="network">
        The open network: {settings.model === "classic" ? "classic" : settings.cell.toUpperCase()}, hidden size{" "}
        {settings.hidden}, {parameters.toLocaleString("en")} parameters, {languages.length} languages, trained{" "}
        {position.epoch} of {settings.epochs} epochs.
        {!run.sides &&
          " It was trained on other names than those of this page: it guesses, and cannot be trained on here."}
      </p>
      <FileDrop label="Open a checkpoint" accept=".safetensors" disabled={busy} onFile={(file) => void open(file)}>
        <span class="soft">or drop it here: what this page saves, and what the command line writes</span>
      </FileDrop>
      <Problem message={problem} />
      <div class="row">
        <button type="button" disabled={busy} onClick={() => void save()}>
          Save the checkpoint
        </button>
        <button type="button" disabled={busy} onClick={() => void reset()}>
          Back to the pretrained network
        </button>
        <span class="soft" role="status">
          {status}
        </span>
      </div>
      {busy && <p class="note">Pause the training to open or save.</p>}
    </section>
  );
}
