import { DevicePicker, type Remote } from "app-common/web";
import { grouped } from "./format.js";
import { Network } from "./network.js";
import { type Choice, CONTENT_WEIGHTS, SIZES, STEPS, STYLE_WEIGHTS, styleWeight } from "./settings.js";
import { Slider } from "./slider.js";
import type { StyleWorker } from "./worker.js";

const pixels = (size: number): string => `${size} pixels`;

/** How to paint: what counts how much, how large, on what, and with which network. */
export function Settings(props: {
  choice: Choice;
  network: string | undefined;
  worker: Remote<StyleWorker>;
  busy: boolean;
  onChoice(choice: Choice): void;
  onNetwork(file: string | undefined): void;
}) {
  const { choice, network, worker, busy, onChoice, onNetwork } = props;
  const change = (part: Partial<Choice>): void => onChoice({ ...choice, ...part });
  return (
    <section class="card settings" aria-labelledby="settings-title">
      <h2 id="settings-title">Settings</h2>
      {busy && <p class="note">Stop the painting to change them.</p>}
      <fieldset class="sliders" disabled={busy}>
        <legend class="unseen">Painting</legend>
        <Slider
          label="Style weight"
          values={STYLE_WEIGHTS}
          value={styleWeight(choice, network !== undefined)}
          show={grouped}
          hint="More: stronger strokes and colours of the style."
          onChange={(styleWeight) => change({ styleWeight })}
        />
        <Slider
          label="Content weight"
          values={CONTENT_WEIGHTS}
          value={choice.contentWeight}
          show={grouped}
          hint="More: closer to the content. At 0 it is only where the painting begins."
          onChange={(contentWeight) => change({ contentWeight })}
        />
        <Slider
          label="Size"
          values={SIZES}
          value={choice.size}
          show={pixels}
          hint="Of the longer side. Twice the size takes four times as long."
          onChange={(size) => change({ size })}
        />
        <Slider
          label="Steps"
          values={STEPS}
          value={choice.steps}
          show={String}
          hint="Afterwards it can go on for as many again."
          onChange={(steps) => change({ steps })}
        />
      </fieldset>
      <DevicePicker value={choice.device ?? "cpu"} disabled={busy} onChange={(device) => change({ device })} />
      <Network file={network} worker={worker} busy={busy} onFile={onNetwork} />
    </section>
  );
}
