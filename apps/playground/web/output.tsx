import { messageOf } from "app-common/web";
import type { Ref } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Picture } from "./messages.js";
import type { Entry, Run } from "./session.js";

/** What the program printed and drew, in order. */
export function Output({ run, place }: { run: Run; place: Ref<HTMLElement> }) {
  return (
    <section ref={place} class="card output" aria-labelledby="output-title">
      <h2 id="output-title">Output</h2>
      <p role="status" class="soft state">
        {stateOf(run)}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      {/* biome-ignore lint/a11y/useSemanticElements: lines and pictures are no fieldset */}
      <div class="entries" tabIndex={0} role="group" aria-label="What the program printed">
        {run.entries.map((entry, i) => (
          <Piece key={i} entry={entry} />
        ))}
      </div>
    </section>
  );
}

function stateOf({ state, ms = 0, entries }: Run): string {
  const pictures = entries.filter(({ kind }) => kind === "picture").length;
  const seen = pictures ? `, ${pictures === 1 ? "one picture" : `${pictures} pictures`}` : "";
  if (state === "finished") return `Finished in ${(ms / 1000).toFixed(2)} s${seen}.`;
  if (state === "failed") return "The program failed.";
  return { fresh: "Nothing has run yet.", running: "Running …", stopped: "Stopped." }[state];
}

function Piece({ entry }: { entry: Entry }) {
  if (entry.kind === "text") return <pre class={entry.level}>{entry.text}</pre>;
  if (entry.kind === "picture") return <Drawn label={entry.label} picture={entry.picture} />;
  const { line, message } = entry.fault;
  return (
    <p class="problem" role="alert">
      <strong>{line === undefined ? "Error" : `Line ${line}`}:</strong> {message}
    </p>
  );
}

/** A picture as an `<img>`, in which no script of an SVG document runs and nothing is loaded. */
function Drawn({ label, picture }: { label: string; picture: Picture | undefined }) {
  const [url, setUrl] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const place = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (!picture) return;
    let made: string | undefined;
    let gone = false;
    svgOf(picture, (place.current?.clientWidth ?? 0) - FRAME).then(
      (svg) => {
        if (gone) return;
        made = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
        setUrl(made);
      },
      (error) => setProblem(messageOf(error)),
    );
    return () => {
      gone = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [picture]);
  if (problem) return <p class="problem">{problem}</p>;
  if (!url) {
    return (
      <p class="soft" ref={place}>
        Drawing {label} …
      </p>
    );
  }
  return (
    <figure class="drawn">
      <img src={url} alt={label} onError={() => setProblem(`${label}: this is no valid SVG document`)} />
    </figure>
  );
}

/** What page.css puts around a picture from left to right, in pixels. */
const FRAME = 18;

/** Charts are built here, where there is a document; what builds them is loaded with the first. */
async function svgOf(picture: Picture, room: number): Promise<string> {
  if ("svg" in picture) return picture.svg;
  const { confusionChart, curveChart } = await import("@kindling/viz");
  if ("curves" in picture)
    return curveChart(picture.curves, { ...picture.axes, width: Math.max(280, Math.min(760, room)) });
  return confusionChart(picture.counts, picture.classes);
}
