import { useId } from "preact/hooks";

/** A slider over values that need not lie at equal distances. */
export function Slider(props: {
  label: string;
  values: readonly number[];
  value: number;
  show(value: number): string;
  hint: string;
  onChange(value: number): void;
}) {
  const { values, value, show } = props;
  const id = useId();
  return (
    <div class="field slider">
      <label for={id}>{props.label}</label>
      <output for={id}>{show(value)}</output>
      <input
        id={id}
        type="range"
        min={0}
        max={values.length - 1}
        value={values.indexOf(value)}
        aria-valuetext={show(value)}
        aria-describedby={`${id}-hint`}
        onInput={({ currentTarget }) => props.onChange(values[currentTarget.valueAsNumber])}
      />
      <small id={`${id}-hint`} class="soft">
        {props.hint}
      </small>
    </div>
  );
}
