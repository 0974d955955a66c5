import { FileDrop, messageOf, Problem, type Remote } from "app-common/web";
import { useRef, useState } from "preact/hooks";
import { VGG19 } from "../src/torchvision.js";
import type { StyleWorker } from "./worker.js";

/** The network that says what style and content are: random filters, or what a file holds. */
export function Network(props: {
  /** The open file's name. */
  file: string | undefined;
  worker: Remote<StyleWorker>;
  busy: boolean;
  onFile(name: string | undefined): void;
}) {
  const { file, worker, busy, onFile } = props;
  const [problem, setProblem] = useState<string>();
  const [reading, setReading] = useState<string>();
  const title = useRef<HTMLHeadingElement>(null);

  async function look(next: File | null): Promise<void> {
    setProblem(undefined);
    setReading(next?.name);
    try {
      await worker.look(next);
      onFile(next?.name);
    } catch (error) {
      setProblem(messageOf(error));
    }
    setReading(undefined);
  }

  const forget = (): void => {
    title.current?.focus(); // the button with the focus is about to go
    void look(null);
  };

  return (
    <div class="network">
      <h3 ref={title} tabIndex={-1}>
        Network
      </h3>
      <p role="status">
        {reading !== undefined && `Reading ${reading} …`}
        {reading === undefined && file !== undefined && `VGG19 with the weights of ${file}.`}
        {reading === undefined &&
          file === undefined &&
          "Random filters: no weights are open. They catch colours and textures, but no shapes, so that strokes and patterns come out plainer than with a network that has learnt to see."}
      </p>
      <FileDrop
        label="Open weights of VGG19"
        accept=".pth,.pt,.safetensors"
        disabled={busy || reading !== undefined}
        onFile={(next) => void look(next)}
      >
        <span class="soft">
          or drop them here: <a href={VGG19.url}>torchvision’s file</a> ({Math.round(VGG19.bytes / 2 ** 20)} MB), the
          same as safetensors, or its layers up to conv3_1 alone. It is read in this page and sent nowhere.
        </span>
      </FileDrop>
      <Problem message={problem} />
      {file !== undefined && (
        <button type="button" disabled={busy || reading !== undefined} onClick={forget}>
          Back to random filters
        </button>
      )}
    </div>
  );
}
