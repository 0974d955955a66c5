/// <reference types="vite/client" />
import { FileDrop, messageOf, Problem, type Remote } from "app-common/web";
import { useEffect, useRef, useState } from "preact/hooks";
import shards from "../pictures/shards.jpg?url";
import swirls from "../pictures/swirls.jpg?url";
import valley from "../pictures/valley.jpg?url";
import { Bitmap } from "./bitmap.js";
import { checkPicture } from "./picture-file.js";
import type { Part, StyleWorker } from "./worker.js";

/** The pictures that come with the application. */
const SAMPLES = { valley, swirls, shards };

type Sample = keyof typeof SAMPLES;

/** A picture that the worker has. */
export interface Opened {
  name: string;
}

/** One of the two pictures: dropped, chosen or a sample. */
export function Picture(props: {
  part: Part;
  title: string;
  first: Sample;
  worker: Remote<StyleWorker>;
  busy: boolean;
  opened: Opened | undefined;
  onOpened(opened: Opened): void;
}) {
  const { part, worker, busy, opened, onOpened } = props;
  const [bitmap, setBitmap] = useState<ImageBitmap>();
  const [problem, setProblem] = useState<string>();
  const queue = useRef(Promise.resolve()); // one after the other: what was asked for last stays

  const open = (file: () => Promise<Blob>, name: string): void => {
    queue.current = queue.current.then(async () => {
      setProblem(undefined);
      try {
        const picture = await file();
        await checkPicture(picture, name);
        setBitmap(await worker.open(part, picture, name));
        onOpened({ name });
      } catch (error) {
        setProblem(messageOf(error));
      }
    });
  };
  const openSample = (name: Sample): void => open(() => fetched(SAMPLES[name]), `${name}.jpg`);
  useEffect(() => openSample(props.first), []);

  return (
    <section class="card picture" aria-labelledby={`${part}-title`}>
      <h2 id={`${part}-title`}>{props.title}</h2>
      <FileDrop
        label={`Choose the ${part}`}
        accept="image/*"
        disabled={busy}
        onFile={(file) => open(async () => file, file.name)}
      >
        <span class="soft">or drop it here</span>
        {bitmap && <Bitmap bitmap={bitmap} label={`The ${part}: ${opened?.name}`} />}
      </FileDrop>
      <Problem message={problem} />
      <fieldset class="samples" disabled={busy}>
        <legend class="unseen">Samples for the {part}</legend>
        {(Object.keys(SAMPLES) as Sample[]).map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={opened?.name === `${name}.jpg`}
            onClick={() => openSample(name)}
          >
            <img src={SAMPLES[name]} alt={`Take the sample ${name} as the ${part}`} width="64" height="48" />
          </button>
        ))}
      </fieldset>
    </section>
  );
}

async function fetched(url: string): Promise<Blob> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`the sample does not load: ${answer.status} ${answer.statusText}`);
  return answer.blob();
}
