import { messageOf, Problem, type Remote } from "app-common/web";
import { useEffect, useState } from "preact/hooks";
import { UNKNOWN } from "../src/alphabet.js";
import { percent } from "./format.js";
import type { NamesWorker, Overview, Reading } from "./worker.js";

/** Letters that the table of single letters has room for. */
const MOST_LETTERS = 30;

/** Languages in the table of single letters. */
const SHOWN = 5;

/** Milliseconds of rest in typing before a guess is said aloud. */
const REST = 900;

/** A name, and what the network thinks of it: while one types, and while it learns. */
export function Name({ run, worker, busy }: { run: Overview; worker: Remote<NamesWorker>; busy: boolean }) {
  const [name, setName] = useState("Dvořák");
  const [reading, setReading] = useState<Reading>();
  const [problem, setProblem] = useState<string>();
  const { languages, position, accuracies, losses } = run;

  // read again when the name changes, and when the network has
  useEffect(() => {
    let current = true;
    worker.read(name).then(
      (fresh) => {
        if (!current) return;
        setReading(fresh);
        setProblem(undefined);
      },
      (error) => current && setProblem(messageOf(error)),
    );
    return () => {
      current = false;
    };
  }, [name, worker, losses.length, position.epoch, accuracies.length, run.parameters]);

  const now = reading?.probabilities.at(-1);
  return (
    <section class="card" aria-labelledby="name-title">
      <h2 id="name-title">Try a name</h2>
      <div class="name-field field">
        <label for="name">Surname</label>
        <input
          id="name"
          type="text"
          value={name}
          maxLength={MOST_LETTERS}
          autocomplete="off"
          autocapitalize="words"
          spellcheck={false}
          aria-describedby="name-note"
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
        <p class="note" id="name-note">
          {reading?.text.includes(UNKNOWN)
            ? `The network reads “${reading.text}”: it does not know every letter.`
            : "Type, and watch the guess move with each letter. Accents do not matter."}
        </p>
      </div>
      <Problem message={problem} />
      <Guesses languages={languages} probabilities={now} resting={!busy} />
      {reading && now && <Letters languages={languages} reading={reading} />}
      <Announcement text={now ? spoken(languages, now) : ""} />
    </section>
  );
}

/** All languages at their places, so that one sees them move. */
function Guesses(props: { languages: readonly string[]; probabilities?: number[]; resting: boolean }) {
  const { languages, probabilities, resting } = props;
  const best = probabilities ? Math.max(...probabilities) : 1;
  return (
    <ul class={resting ? "guesses resting" : "guesses"} aria-label="Probability of each language">
      {languages.map((language, i) => {
        const value = probabilities?.[i] ?? 0;
        return (
          <li key={language} class={probabilities && value === best ? "best" : ""}>
            <span>{language}</span>
            <span class="bar" aria-hidden="true">
              <span class="fill" style={{ transform: `scaleX(${value})` }} />
            </span>
            <span class="number">{probabilities ? percent(value) : "–"}</span>
          </li>
        );
      })}
    </ul>
  );
}

/** How the guess came about: the likeliest languages behind each letter. */
function Letters({ languages, reading: { text, probabilities } }: { languages: readonly string[]; reading: Reading }) {
  const last = probabilities[probabilities.length - 1];
  const order = languages
    .map((_, i) => i)
    .sort((a, b) => last[b] - last[a])
    .slice(0, SHOWN);
  return (
    <>
      <h3 id="letters-title">Letter by letter</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section class="scroll" aria-labelledby="letters-title" tabIndex={0}>
        <table class="heat letters">
          <thead>
            <tr>
              <td />
              {Array.from(text, (letter, i) => (
                <th key={`${i}${letter}`} scope="col">
                  {letter === " " ? "␣" : letter}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {order.map((language) => (
              <tr key={languages[language]}>
                <th scope="row">{languages[language]}</th>
                {probabilities.map((row, i) => (
                  <td key={i} {...heat(row[language])}>
                    {Math.round(100 * row[language])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="note">Percent behind each letter, of the languages that are likeliest in the end.</p>
    </>
  );
}

/** A cell's ground by its share of 0 … 1, and whether its text must turn over: between the two no ground would leave either text legible. */
export const heat = (share: number) => ({
  class: share > 0.55 ? "hot" : "",
  style: { "--ground": `${(share > 0.55 ? 88 + (12 * (share - 0.55)) / 0.45 : 80 * share).toFixed(0)}%` },
});

/** Says the guess when typing rests, and once: not each letter's, nor each step's of a training. */
function Announcement({ text }: { text: string }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSaid(text), REST);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <p class="unseen" role="status">
      {said}
    </p>
  );
}

const spoken = (languages: readonly string[], probabilities: readonly number[]): string =>
  languages
    .map((language, i) => ({ language, value: probabilities[i] }))
    .sort((a, b) => b.value - a.value)
    .slice(0, 3)
    .map(({ language, value }) => `${language} ${Math.round(100 * value)} percent`)
    .join(", ");
