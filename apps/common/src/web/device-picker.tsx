import { useEffect, useId, useState } from "preact/hooks";
import { type DeviceChoice, findDevices } from "./devices.js";

/** Which device computes. What this browser lacks stands there too, disabled, with the reason. */
export function DevicePicker(props: {
  value: DeviceChoice["name"];
  /** Threads that the worker starts where it can; as many as there are cores where absent. */
  threads?: number;
  disabled?: boolean;
  onChange(device: DeviceChoice["name"]): void;
}) {
  const [choices, setChoices] = useState<DeviceChoice[]>([]);
  const id = useId();
  useEffect(() => {
    void findDevices(props.threads).then(setChoices);
  }, [props.threads]);
  return (
    <fieldset disabled={props.disabled}>
      <legend>Device</legend>
      {choices.map(({ name, label, detail, available }) => (
        <label key={name} class="choice">
          <input
            type="radio"
            name={id}
            value={name}
            checked={props.value === name}
            disabled={!available}
            aria-describedby={`${id}-${name}`}
            onChange={() => props.onChange(name)}
          />
          {label}
          <small id={`${id}-${name}`}>{detail}</small>
        </label>
      ))}
    </fieldset>
  );
}
