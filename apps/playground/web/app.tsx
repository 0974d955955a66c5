import { type DeviceChoice, findDevices, messageOf, Problem } from "app-common/web";
import { useEffect, useRef, useState } from "preact/hooks";
import { Editor } from "./editor.js";
import { EXAMPLES } from "./examples.js";
import type { Names } from "./messages.js";
import { Output } from "./output.js";
import { FRESH, type Run, Session } from "./session.js";
import { fromHash, toHash } from "./share.js";
import { recall, remember } from "./storage.js";

const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The page: a program, and what it gives. */
export function App() {
  const [program, setProgram] = useState(() => ({ text: recall() ?? EXAMPLES[0].program }));
  const text = useRef(program.text);
  const [run, setRun] = useState<Run>(FRESH);
  const [names, setNames] = useState<Names>({});
  const [problem, setProblem] = useState<string>();
  const [note, setNote] = useState("");
  const session = useRef<Session>(null);

  function open(next: string): void {
    text.current = next;
    setProgram({ text: next });
    setRun((now) => (now.state === "running" ? now : { ...now, faults: [] }));
  }

  useEffect(() => {
    session.current = new Session(setRun, setNames);
    const readLink = async (): Promise<void> => {
      setProblem(undefined);
      try {
        const shared = await fromHash(location.hash);
        if (shared === undefined) return;
        open(shared);
        setNote("This program came with the link. Read it before you run it.");
      } catch (error) {
        setProblem(`${messageOf(error)}.`);
      }
    };
    void readLink();
    addEventListener("hashchange", readLink);
    return () => {
      removeEventListener("hashchange", readLink);
      session.current?.close();
    };
  }, []);

  async function share(): Promise<void> {
    setProblem(undefined);
    try {
      history.replaceState(null, "", await toHash(text.current));
      const copied = await navigator.clipboard?.writeText(location.href).then(
        () => true,
        () => false,
      );
      setNote(copied ? "The link is copied." : "The link stands in the address bar.");
    } catch (error) {
      setProblem(`${messageOf(error)}.`);
    }
  }

  const output = useRef<HTMLElement>(null);
  function start(): void {
    session.current?.start(text.current);
    // On a phone the output begins below what one sees.
    if ((output.current?.getBoundingClientRect().top ?? 0) > innerHeight - 120) output.current?.scrollIntoView();
  }

  const running = run.state === "running";
  return (
    <>
      <header class="page-head">
        <h1>Kindling playground</h1>
        <p>
          Write TypeScript, run it, see tensors, plots and graphs. It computes in this page: nothing leaves your
          machine.
        </p>
      </header>
      <main class="playground">
        <section class="card program" aria-labelledby="program-title">
          <h2 id="program-title">Program</h2>
          <div class="row tools">
            <button type="button" class="primary" onClick={start}>
              Run
            </button>
            <button type="button" disabled={!running} onClick={() => session.current?.stop()}>
              Stop
            </button>
            <button type="button" onClick={share}>
              Link
            </button>
            <select
              aria-label="Examples"
              value=""
              onChange={({ currentTarget }) => {
                const chosen = EXAMPLES[Number(currentTarget.value)];
                currentTarget.value = "";
                setNote("");
                remember(chosen.program);
                open(chosen.program);
              }}
            >
              <option value="" disabled>
                Examples …
              </option>
              {EXAMPLES.map(({ title }, i) => (
                <option key={title} value={i}>
                  {title}
                </option>
              ))}
            </select>
          </div>
          <p role="status" class="note">
            {note}
          </p>
          <Problem message={problem} />
          <Editor
            program={program}
            faults={run.faults}
            names={names}
            onEdit={(edited) => {
              text.current = edited;
              remember(edited);
            }}
            onRun={start}
          />
          <p class="note" id="editor-keys">
            <kbd>{mac ? "⌘" : "Ctrl"}</kbd> + <kbd>Enter</kbd> runs. <kbd>Tab</kbd> indents; to leave the editor, press{" "}
            <kbd>Esc</kbd>, then <kbd>Tab</kbd>.
          </p>
          <Help />
        </section>
        <Output run={run} place={output} />
      </main>
    </>
  );
}

/** What a program may use. */
function Help() {
  const [devices, setDevices] = useState<DeviceChoice[]>([]);
  useEffect(() => {
    void findDevices().then(setDevices);
  }, []);
  return (
    <details>
      <summary>What a program may use</summary>
      <ul>
        <li>
          Imports from <code>kindling</code>, <code>@kindling/train</code> and <code>@kindling/viz</code>;{" "}
          <code>await</code> anywhere.
        </li>
        <li>
          <code>console.log</code> prints tensors.
        </li>
        <li>
          <code>show(value, options)</code> draws: a tensor's graph (<code>{"{ names }"}</code>), pictures (C, H, W) or
          (N, C, H, W), curves <code>{"{ loss: numbers }"}</code> (<code>{"{ x, y, log }"}</code> name the axes), a
          confusion matrix (<code>{"{ classes }"}</code>), an SVG document.
        </li>
        {devices.map(({ name, label, detail }) => (
          <li key={name}>
            Device <code>"{name}"</code>
            {name === "webgpu" && (
              <>
                , after <code>await init("webgpu")</code>
              </>
            )}
            : {label}. {detail}
          </li>
        ))}
      </ul>
    </details>
  );
}
