import {
  type Curve,
  CurveChart,
  callback,
  type DeviceChoice,
  DevicePicker,
  messageOf,
  Problem,
  type Remote,
} from "app-common/web";
import { useState } from "preact/hooks";
import { type CellName, DEFAULTS, defaultRate, type Settings } from "../src/settings.js";
import { percent } from "./format.js";
import { threads } from "./threads.js";
import type { NamesWorker, Overview } from "./worker.js";

const CELLS: Record<CellName, string> = { gru: "GRU", lstm: "LSTM", rnn: "plain RNN" };

/** What one chooses for a new run; the rest are the command line's defaults. */
interface Choice {
  cell: CellName;
  hidden: number;
  epochs: number;
  seed: number;
}

const settingsOf = (choice: Choice): Settings => ({
  ...DEFAULTS,
  ...choice,
  lr: defaultRate({ model: DEFAULTS.model, optimizer: DEFAULTS.optimizer, cell: choice.cell }),
});

/** Trains a new run in the worker, with pause and resume, or goes on with the open one. */
export function Training(props: {
  run: Overview;
  worker: Remote<NamesWorker>;
  busy: boolean;
  onBusy(busy: boolean): void;
  onRun(run: Overview): void;
}) {
  const { run, worker, busy, onBusy, onRun } = props;
  const [choice, setChoice] = useState<Choice>({ cell: "gru", hidden: 128, epochs: 15, seed: DEFAULTS.seed });
  const [device, setDevice] = useState<DeviceChoice["name"]>("cpu");
  const [status, setStatus] = useState("");
  const [problem, setProblem] = useState<string>();

  async function train(fresh: boolean): Promise<void> {
    onBusy(true);
    setProblem(undefined);
    setStatus("Training has begun.");
    try {
      if (fresh) onRun(await worker.begin(settingsOf(choice)));
      const end = await worker.train(device, callback(onRun));
      onRun(end);
      setStatus(`${finished(end) ? "Training is finished" : "Training is paused"}: ${figures(end)}.`);
    } catch (error) {
      setStatus("");
      setProblem(messageOf(error));
    }
    onBusy(false);
  }

  const number = (name: "hidden" | "epochs" | "seed", label: string, max: number, min = 1) => (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        id={name}
        type="number"
        required
        inputMode="numeric"
        min={min}
        max={max}
        value={choice[name]}
        disabled={busy}
        onInput={({ currentTarget }) => setChoice({ ...choice, [name]: currentTarget.valueAsNumber })}
      />
    </div>
  );

  const open = run.sides !== undefined && !finished(run); // can go on
  return (
    <section class="card" aria-labelledby="training-title">
      <h2 id="training-title">Train it yourself</h2>
      <form
        class="training"
        onSubmit={(event) => {
          event.preventDefault();
          void train(true);
        }}
      >
        <div class="fields">
          <div class="field">
            <label for="cell">Recurrent cell</label>
            <select
              id="cell"
              value={choice.cell}
              disabled={busy}
              onChange={({ currentTarget }) => setChoice({ ...choice, cell: currentTarget.value as CellName })}
            >
              {Object.entries(CELLS).map(([cell, label]) => (
                <option key={cell} value={cell}>
                  {label}
                </option>
              ))}
            </select>
          </div>
          {number("hidden", "Hidden size", 512)}
          {number("epochs", "Epochs", 200)}
          {number("seed", "Seed", 2 ** 32, 0)}
        </div>
        <DevicePicker value={device} threads={threads()} disabled={busy} onChange={setDevice} />
        <div class="row">
          {busy ? (
            <button type="button" class="primary" onClick={() => void worker.pause()}>
              Pause
            </button>
          ) : (
            <>
              {open && run.losses.length + run.position.names > 0 && (
                <button type="button" class="primary" onClick={() => void train(false)}>
                  Resume
                </button>
              )}
              <button type="submit" class={open && run.losses.length > 0 ? "" : "primary"}>
                Train from the start
              </button>
            </>
          )}
          <span class="soft">{progressOf(run, busy)}</span>
        </div>
        <p class="unseen" role="status">
          {status}
        </p>
        <Problem message={problem} />
      </form>
      {run.sides && (
        <progress
          aria-label="Training"
          max={run.settings.epochs * run.sides.train}
          value={run.position.epoch * run.sides.train + run.position.names}
        />
      )}
      <Curves run={run} />
    </section>
  );
}

const finished = ({ position, settings }: Overview): boolean => position.epoch >= settings.epochs;

const figures = ({ losses, accuracies }: Overview): string =>
  [
    losses.length > 0 ? `loss ${losses[losses.length - 1].value.toFixed(3)}` : "",
    accuracies.length > 0 ? `accuracy ${percent(accuracies[accuracies.length - 1].value)}` : "",
  ]
    .filter(Boolean)
    .join(", ");

function progressOf(run: Overview, busy: boolean): string {
  const { position, settings, speed } = run;
  const epoch = Math.min(position.epoch + 1, settings.epochs);
  const parts = [`epoch ${epoch} of ${settings.epochs}`, figures(run)];
  if (busy && speed) parts.push(`${Math.round(speed)} names/s`);
  return parts.filter(Boolean).join(" · ");
}

/** Loss and accuracy by epoch. */
function Curves({ run: { losses, accuracies, settings } }: { run: Overview }) {
  const range: [number, number] = [0, settings.epochs];
  const loss: Curve[] = [{ name: "training loss", colour: "--accent", values: losses.map(({ value }) => value) }];
  const accuracy: Curve[] = [
    { name: "accuracy on names kept aside", colour: "--second", values: accuracies.map(({ value }) => value) },
  ];
  const trend = (points: readonly { epoch: number; value: number }[]): string =>
    points.length === 0
      ? "nothing yet"
      : `from ${points[0].value.toFixed(3)} to ${points[points.length - 1].value.toFixed(3)} at epoch ${points[points.length - 1].epoch.toFixed(1)}`;
  return (
    <div class="curves">
      <CurveChart
        x={losses.map(({ epoch }) => epoch)}
        curves={loss}
        xLabel="epoch"
        range={range}
        summary={`Curve of the training loss: ${trend(losses)}`}
      />
      <CurveChart
        x={accuracies.map(({ epoch }) => epoch)}
        curves={accuracy}
        xLabel="epoch"
        range={range}
        summary={`Curve of the accuracy: ${trend(accuracies)}`}
      />
    </div>
  );
}
