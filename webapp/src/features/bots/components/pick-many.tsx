"use client";
import type { ReactNode } from "react";

/** Several of a list, as check boxes in a box that scrolls. */
export function PickMany(props: {
  label: string;
  options: readonly { value: string; label: string }[];
  value: string[];
  onChange: (value: string[]) => void;
}): ReactNode {
  const toggle = (each: string) =>
    props.onChange(
      props.value.includes(each) ? props.value.filter((one) => one !== each) : [...props.value, each],
    );
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="pb-1 text-compact text-fg2">
        {props.label} ({props.value.length} chosen)
      </legend>
      <div className="grid max-h-32 grid-cols-2 gap-x-3 overflow-auto rounded-ctl border border-edge bg-s1 p-2 sm:grid-cols-3">
        {props.options.map((option) => (
          <label key={option.value} className="flex min-h-6 items-center gap-1.5 text-compact">
            <input
              type="checkbox"
              checked={props.value.includes(option.value)}
              onChange={() => toggle(option.value)}
            />
            <span className="truncate">{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
