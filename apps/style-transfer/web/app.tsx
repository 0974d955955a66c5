import { connect, findDevices } from "app-common/web";
import { useEffect, useState } from "preact/hooks";
import { type Opened, Picture } from "./picture.js";
import { Result } from "./result.js";
import { DEFAULTS } from "./settings.js";
import { Settings } from "./settings-card.js";
import type { StyleWorker } from "./worker.js";

const worker = connect<StyleWorker>(new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }));

/** The page: two pictures, what becomes of them, and how. */
export function App() {
  const [content, setContent] = useState<Opened>();
  const [style, setStyle] = useState<Opened>();
  const [network, setNetwork] = useState<string>();
  const [choice, setChoice] = useState(DEFAULTS);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    void findDevices().then((devices) => {
      const fastest = devices.find(({ available, simulated }) => available && !simulated)?.name;
      setChoice((choice) => ({ device: fastest, ...choice }));
    });
    // a file that misses its place must not take the page's
    for (const type of ["dragover", "drop"]) addEventListener(type, (event) => event.preventDefault());
  }, []);

  return (
    <>
      <header class="page-head">
        <h1>One picture in the style of another</h1>
        <p>
          A network says what style and content are, and the pixels move until the painting has the content of one
          picture and the style of the other. All of it happens in this page: nothing is uploaded.
        </p>
      </header>
      <main>
        <div class="column">
          <Picture
            part="content"
            title="Content"
            first="valley"
            worker={worker}
            busy={busy}
            opened={content}
            onOpened={setContent}
          />
          <Picture
            part="style"
            title="Style"
            first="swirls"
            worker={worker}
            busy={busy}
            opened={style}
            onOpened={setStyle}
          />
        </div>
        <div class="column">
          <Result
            content={content}
            style={style}
            choice={choice}
            trained={network !== undefined}
            worker={worker}
            busy={busy}
            onBusy={setBusy}
          />
          <Settings
            choice={choice}
            network={network}
            worker={worker}
            busy={busy}
            onChoice={setChoice}
            onNetwork={setNetwork}
          />
        </div>
      </main>
    </>
  );
}
