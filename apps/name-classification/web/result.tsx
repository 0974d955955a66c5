import { useMemo } from "preact/hooks";
import { type Confusion, type Figures, figuresOf, majorityBaseline, topMistakes } from "../src/metrics.js";
import { percent } from "./format.js";
import { heat } from "./name.js";
import type { Overview } from "./worker.js";

/** How the run does on the names kept aside; drawn anew behind each epoch, not at each step. */
export function Result({ run: { counts, languages, accuracies } }: { run: Overview }) {
  // each message brings its own copy of the counts
  const content = useMemo(
    () =>
      counts ? (
        <Counts counts={counts} languages={languages} />
      ) : (
        <p class="soft">There are figures once an epoch is done, on the names of this page.</p>
      ),
    [counts === undefined, accuracies.length, accuracies[accuracies.length - 1]?.value, languages.join()],
  );
  return (
    <section class="card result" aria-labelledby="result-title">
      <h2 id="result-title">What it gets right</h2>
      {content}
    </section>
  );
}

function Counts({ counts, languages }: { counts: Confusion; languages: readonly string[] }) {
  const figures = figuresOf(counts);
  return (
    <>
      <table class="figures">
        <thead>
          <tr>
            <td />
            <th scope="col">accuracy</th>
            <th scope="col">macro-recall</th>
            <th scope="col">macro-F1</th>
          </tr>
        </thead>
        <tbody>
          <FiguresRow title={`this network, ${figures.total} names kept aside`} figures={figures} />
          <FiguresRow title="always the largest language" figures={majorityBaseline(counts)} />
        </tbody>
      </table>
      <div class="matrix-and-mistakes">
        <Matrix counts={counts} languages={languages} />
        <div>
          <h3>Most frequent mistakes</h3>
          <ol class="mistakes">
            {topMistakes(counts, 8).map(({ truth, predicted, count, share }) => (
              <li key={`${truth} ${predicted}`}>
                {languages[truth]} taken for {languages[predicted]}
                <span class="soft">
                  {" "}
                  {count} names, {percent(share)}
                </span>
              </li>
            ))}
          </ol>
        </div>
      </div>
    </>
  );
}

const FiguresRow = ({ title, figures }: { title: string; figures: Figures }) => (
  <tr>
    <th scope="row">{title}</th>
    <td class="number">{percent(figures.accuracy)}</td>
    <td class="number">{figures.macroRecall.toFixed(3)}</td>
    <td class="number">{figures.macroF1.toFixed(3)}</td>
  </tr>
);

/** The confusion matrix in percent of each row. */
function Matrix({ counts, languages }: { counts: Confusion; languages: readonly string[] }) {
  return (
    <div class="matrix">
      <h3 id="matrix-title">Which language is taken for which</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section class="scroll" aria-labelledby="matrix-title" tabIndex={0}>
        <table class="heat">
          <thead>
            <tr>
              <td />
              {languages.map((language) => (
                <th key={language} scope="col">
                  <span class="upright">{language}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {counts.map((row, truth) => {
              const support = row.reduce((a, b) => a + b, 0);
              return (
                <tr key={languages[truth]}>
                  <th scope="row">{languages[truth]}</th>
                  {row.map((count, predicted) => (
                    <td
                      key={languages[predicted]}
                      {...heat(count / Math.max(1, support))}
                      title={`${languages[truth]} taken for ${languages[predicted]}: ${count} of ${support}`}
                    >
                      {count > 0 ? Math.round((100 * count) / support) : ""}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
      <p class="note">Rows are the true languages, columns the guesses; percent of each row.</p>
    </div>
  );
}
