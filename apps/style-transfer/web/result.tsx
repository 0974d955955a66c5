import { callback, messageOf, Problem, type Remote, saveFile } from "app-common/web";
import { useRef, useState } from "preact/hooks";
import { Bitmap } from "./bitmap.js";
import { duration } from "./format.js";
import type { Opened } from "./picture.js";
import { type Choice, styleWeight } from "./settings.js";
import type { Report, StyleWorker } from "./worker.js";

/** The painting as it forms, and the buttons that rule it. */
export function Result(props: {
  content: Opened | undefined;
  style: Opened | undefined;
  choice: Choice;
  trained: boolean;
  worker: Remote<StyleWorker>;
  busy: boolean;
  onBusy(busy: boolean): void;
}) {
  const { content, style, choice, trained, worker, busy, onBusy } = props;
  const [report, setReport] = useState<Report>();
  const [until, setUntil] = useState(choice.steps);
  const [painted, setPainted] = useState<{ content: Opened; style: Opened }>();
  const [status, setStatus] = useState("");
  const [problem, setProblem] = useState<string>();

  const main = useRef<HTMLButtonElement>(null);

  const ready = content !== undefined && style !== undefined;
  /** Another content is another painting. */
  const canGoOn = report !== undefined && painted?.content === content;

  async function paint(goOn: boolean): Promise<void> {
    if (!ready) return;
    const done = goOn && report ? report.step : 0;
    const end = done < choice.steps ? choice.steps : done + choice.steps;
    onBusy(true);
    setUntil(end);
    setPainted({ content, style });
    if (!goOn) setReport(undefined);
    setProblem(undefined);
    setStatus("Painting has begun.");
    let last: Report | undefined;
    try {
      const job = {
        size: choice.size,
        styleWeight: styleWeight(choice, trained),
        contentWeight: choice.contentWeight,
        device: choice.device ?? "cpu",
        goOn,
        until: end,
      };
      await worker.paint(
        job,
        callback((now: Report) => {
          last = now;
          setReport(now);
        }),
      );
      setStatus(`The painting ${last && last.step < end ? "rests" : "is finished"}: ${last ? lossesOf(last) : ""}.`);
    } catch (error) {
      setStatus("");
      setProblem(messageOf(error));
    }
    onBusy(false);
  }

  async function download(): Promise<void> {
    setProblem(undefined);
    try {
      saveFile(await worker.png(), nameOf(painted as NonNullable<typeof painted>));
    } catch (error) {
      setProblem(messageOf(error));
    }
  }

  const startOver = (): void => {
    main.current?.focus(); // the button with the focus is about to be disabled
    void paint(false);
  };
  const act = (): void => void (busy ? worker.stop() : paint(canGoOn));
  return (
    <section class="card result" aria-labelledby="result-title">
      <h2 id="result-title">Painting</h2>
      <div class="easel">
        {report ? (
          <Bitmap bitmap={report.picture} label={`The painting after ${report.step} steps`} />
        ) : (
          <p class="soft">{busy ? "The first step takes longest …" : "What you paint appears here, step by step."}</p>
        )}
      </div>
      <progress aria-label="Steps" max={until} value={report?.step ?? 0} />
      <p class="figures soft">{report ? figures(report, until, busy) : " "}</p>
      <div class="row">
        <button ref={main} type="button" class="primary" disabled={!ready} onClick={act}>
          {busy ? "Stop" : canGoOn ? "Go on" : "Paint"}
        </button>
        <button type="button" disabled={busy || !canGoOn} onClick={startOver}>
          Start over
        </button>
        <button type="button" disabled={report === undefined} onClick={() => void download()}>
          Download PNG
        </button>
      </div>
      <p class="unseen" role="status">
        {status}
      </p>
      <Problem message={problem} />
    </section>
  );
}

const lossesOf = ({ losses: { style, content } }: Report): string =>
  `style loss ${style.toPrecision(3)}, content loss ${content.toPrecision(3)}`;

function figures(report: Report, until: number, busy: boolean): string {
  const { step, seconds } = report;
  const parts = [`step ${step} of ${until}`, lossesOf(report), `${duration(seconds)} a step`];
  if (busy && step < until) parts.push(`${duration((until - step) * seconds)} left`);
  return parts.join(" · ");
}

/** "valley.jpg" in "swirls.jpg" → "valley-swirls.png". */
const nameOf = ({ content, style }: { content: Opened; style: Opened }): string =>
  `${[content, style].map(({ name }) => name.replace(/\.[^.]*$/, "")).join("-")}.png`;
