import { formatWithOptions } from "node-inspect-extracted";
import { compile, ProgramError } from "./compile.js";
import type { Fault, Level, Message } from "./messages.js";
import { exportedNames, load } from "./modules.js";
import { draw, type ShowOptions } from "./show.js";

/*
 * Runs one program. The page makes a worker for each, and ends it by force when it is told to stop, so a program may do to it what it likes.
 */

/** A program's output ends here, so that an endless one does not fill the page. */
const TEXTS = 2000;
const LETTERS = 300_000;
const PICTURES = 60;

const PROGRAM = "program.ts";

const post = (message: Message): void => self.postMessage(message);

let texts = 0;
let letters = 0;
let pictures = 0;

function print(level: Level, values: unknown[]): void {
  if (texts > TEXTS || letters > LETTERS) return;
  let text = formatWithOptions({ colors: false, depth: 4 }, ...values);
  texts += 1;
  letters += text.length;
  if (letters > LETTERS) text = `${text.slice(0, Math.max(0, text.length - (letters - LETTERS)))} …`;
  post({ kind: "text", level, text });
  if (texts > TEXTS || letters > LETTERS) {
    post({ kind: "text", level: "warn", text: "The program prints more than this page shows; the rest is left out." });
  }
}

const pending: Promise<unknown>[] = [];

function show(value: unknown, options?: ShowOptions): void {
  if (pictures >= PICTURES) {
    if (pictures === PICTURES) print("warn", [`More than ${PICTURES} pictures are not shown.`]);
    pictures = PICTURES + 1;
    return;
  }
  const id = pictures++;
  const { label, picture } = draw(value, options);
  post({ kind: "place", id, label });
  const drawn = Promise.resolve(picture).then((picture) => post({ kind: "drawn", id, picture }));
  drawn.catch(() => {}); // heard at the program's end
  pending.push(drawn);
}

const printer =
  (level: Level) =>
  (...values: unknown[]): void =>
    print(level, values);

const output = Object.assign(Object.create(console) as Console, {
  log: printer("log"),
  info: printer("log"),
  debug: printer("log"),
  table: printer("log"),
  dir: (value: unknown) => print("log", [value]),
  warn: printer("warn"),
  error: printer("error"),
});

type Program = (require: typeof load, exports: object, console: Console, show: typeof draw | unknown) => Promise<void>;

const AsyncFunction = (async () => {}).constructor as new (...parts: string[]) => Program;

const make = (body: string): Program =>
  new AsyncFunction("require", "exports", "console", "show", `${body}\n//# sourceURL=${PROGRAM}`);

/** The innermost line of the program in an error's stack, as the engine counts. */
function stackLine(error: unknown): number | undefined {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const [, line] = new RegExp(`${PROGRAM.replace(".", "\\.")}:(\\d+)`).exec(stack) ?? [];
  return line === undefined ? undefined : Number(line);
}

/** How many lines the engine puts before a function's body. */
const header = make("throw new Error()")(load, {}, console, show).catch((error) => (stackLine(error) ?? 1) - 1);

async function faultOf(error: unknown): Promise<Fault> {
  if (error instanceof ProgramError) return { message: `${error.name}: ${error.message}`, line: error.line };
  const message =
    error instanceof Error ? `${error.name}: ${error.message}` : formatWithOptions({}, "thrown: %o", error);
  const line = stackLine(error);
  return { message: message.slice(0, 5000), line: line === undefined ? undefined : line - ((await header) as number) };
}

async function fail(error: unknown): Promise<void> {
  post({ kind: "failed", fault: await faultOf(error) });
}

self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  void fail(event.reason);
});
self.addEventListener("error", (event) => {
  event.preventDefault();
  void fail(event.error ?? event.message);
});

self.addEventListener(
  "message",
  async ({ data }: MessageEvent<string>) => {
    const start = performance.now();
    try {
      await header;
      await make(compile(data))(load, {}, output, show);
      await Promise.all(pending);
    } catch (error) {
      await fail(error);
    }
    post({ kind: "ended", ms: performance.now() - start });
  },
  { once: true },
);

post({ kind: "ready", names: exportedNames() });
