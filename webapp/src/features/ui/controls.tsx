/** Buttons and fields. The primary button is the inverse neutral; colour is kept for data and danger. */
import type { ComponentProps, ReactNode } from "react";

const BASE =
  "inline-flex items-center justify-center gap-1.5 rounded-ctl px-3 h-8 max-sm:h-11 text-desk font-medium whitespace-nowrap disabled:opacity-60 disabled:cursor-not-allowed";
const LOOK = {
  primary: "bg-fg text-bg",
  plain: "border border-edge bg-s1 text-fg hover:bg-s3",
  quiet: "text-fg2 hover:bg-s3 hover:text-fg",
  danger: "bg-halt text-onfill",
  buy: "bg-buy text-onfill",
  sell: "bg-down text-onfill",
} as const;

export function Button({
  look = "plain",
  className = "",
  type = "button",
  ...rest
}: ComponentProps<"button"> & { look?: keyof typeof LOOK }): ReactNode {
  return <button {...rest} type={type} className={`${BASE} ${LOOK[look]} ${className}`} />;
}

/** The look of a tab of radix-ui. */
export const TAB =
  "h-8 max-sm:h-11 px-3 text-compact text-fg2 border-b-2 border-transparent data-[state=active]:border-accent data-[state=active]:text-fg";

export const INPUT =
  "h-8 max-sm:h-11 w-full rounded-ctl border border-edge bg-s1 px-2 text-form text-fg placeholder:text-fg3";

export function Field({
  label,
  hint,
  children,
}: {
  label: string;
  hint?: string;
  children: ReactNode;
}): ReactNode {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: every caller passes exactly one control as the child
    <label className="flex flex-col gap-1">
      <span className="text-compact text-fg2">{label}</span>
      {children}
      {hint ? <span className="text-head text-fg3">{hint}</span> : null}
    </label>
  );
}

/** A row of mutually exclusive choices, as toggle buttons. */
export function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly { value: T; label: string; tone?: string }[];
  onChange: (value: T) => void;
}): ReactNode {
  return (
    <fieldset className="flex min-w-fit gap-1">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChange(option.value)}
          className={`h-7 max-sm:h-11 min-w-8 flex-auto shrink-0 rounded-ctl px-2 text-compact font-medium ${
            option.value === value ? (option.tone ?? "bg-fg text-bg") : "bg-s3 text-fg2 hover:text-fg"
          }`}
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}
