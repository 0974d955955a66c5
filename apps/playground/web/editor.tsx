import { indentWithTab } from "@codemirror/commands";
import { javascript, scopeCompletionSource, typescriptLanguage } from "@codemirror/lang-javascript";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { Compartment, Prec, Transaction } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { basicSetup } from "codemirror";
import { useEffect, useRef } from "preact/hooks";
import type { Fault, Names } from "./messages.js";

/** In the stylesheet's colours, which know both themes. */
const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: "var(--accent)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--good)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--second)" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: [tags.typeName, tags.className], color: "var(--second)" },
  { tag: tags.invalid, color: "var(--bad)" },
]);

/**
 * The program. Its text lives in the editor; `program` replaces it when it becomes another object.
 * @param props.faults underlined at their lines
 */
export function Editor(props: {
  program: { text: string };
  faults: readonly Fault[];
  names: Names;
  onEdit(text: string): void;
  onRun(): void;
}) {
  const holder = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef(props);
  latest.current = props;
  const completion = useRef(new Compartment());

  useEffect(() => {
    const run = (): boolean => {
      latest.current.onRun();
      return true;
    };
    view.current = new EditorView({
      parent: holder.current as HTMLDivElement,
      doc: latest.current.program.text,
      extensions: [
        Prec.highest(keymap.of([{ key: "Mod-Enter", run }])),
        basicSetup,
        keymap.of([indentWithTab]),
        javascript({ typescript: true }),
        completion.current.of([]),
        syntaxHighlighting(COLOURS),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({
          "aria-label": "Program",
          "aria-describedby": "editor-keys",
          tabindex: "0",
        }),
        EditorView.updateListener.of((update) => {
          const byHand = update.transactions.some(
            (one) => one.annotation(Transaction.userEvent) !== undefined && one.docChanged,
          );
          if (byHand) latest.current.onEdit(update.state.doc.toString());
        }),
      ],
    });
    return () => view.current?.destroy();
  }, []);

  useEffect(() => {
    const { state } = view.current as EditorView;
    if (state.doc.toString() === props.program.text) return;
    // one change, which Ctrl-Z takes back
    view.current?.dispatch({ changes: { from: 0, to: state.doc.length, insert: props.program.text } });
  }, [props.program]);

  useEffect(() => {
    const source = scopeCompletionSource(props.names);
    view.current?.dispatch({
      effects: completion.current.reconfigure(typescriptLanguage.data.of({ autocomplete: source })),
    });
  }, [props.names]);

  useEffect(() => {
    const { state } = view.current as EditorView;
    const diagnostics = props.faults.flatMap(({ line, message }) => {
      if (line === undefined || line < 1 || line > state.doc.lines) return [];
      const { from, to } = state.doc.line(line);
      return [{ from, to, message, severity: "error" as const }];
    });
    view.current?.dispatch(setDiagnostics(state, diagnostics));
    const [first] = diagnostics;
    if (first)
      view.current?.dispatch({ effects: EditorView.scrollIntoView(first.from, { y: "nearest", yMargin: 40 }) });
  }, [props.faults]);

  return <div class="editor" ref={holder} />;
}
