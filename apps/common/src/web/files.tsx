import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

/**
 * A place to drop one file on, and a button that asks for it. What `onFile` does with it, and the errors of that, are the page's.
 * @param props.accept endings and types, as of an `<input type="file">`; a dropped file is not held to it
 */
export function FileDrop(props: {
  label: string;
  accept: string;
  disabled?: boolean;
  onFile(file: File): void;
  children?: ComponentChildren;
}) {
  const [over, setOver] = useState(false);
  const take = (files: FileList | null | undefined): void => {
    if (files?.[0] && !props.disabled) props.onFile(files[0]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is the mouse's way; the button inside is everybody's
    <div
      class={over ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(!props.disabled);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <label class="button">
        {props.label}
        <input
          class="unseen"
          type="file"
          accept={props.accept}
          disabled={props.disabled}
          onChange={({ currentTarget }) => {
            take(currentTarget.files);
            currentTarget.value = ""; // the same file may be chosen again
          }}
        />
      </label>
      {props.children}
    </div>
  );
}

/** Hands the user a file. */
export function saveFile(bytes: Uint8Array<ArrayBuffer> | Blob, name: string): void {
  const url = URL.createObjectURL(bytes instanceof Blob ? bytes : new Blob([bytes]));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
