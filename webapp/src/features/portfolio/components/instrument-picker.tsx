import { type ReactNode, useState } from "react";
import type { Instrument } from "@/client/contract";
import { Button, INPUT } from "@/features/ui/controls";

/** Check boxes by kind, narrowed by a search; all shown can be taken or dropped at once. */
export function InstrumentPicker(props: {
  instruments: Instrument[];
  picked: string[];
  onPick: (picked: string[]) => void;
}): ReactNode {
  const [sought, setSought] = useState("");
  const words = sought.trim().toLowerCase();
  const shown = props.instruments.filter((each) =>
    `${each.symbol} ${each.name} ${each.sector} ${each.asset_class}`.toLowerCase().includes(words),
  );
  const picked = new Set(props.picked);
  const ids = shown.map((each) => each.id);
  const toggle = (id: string) =>
    props.onPick(picked.has(id) ? props.picked.filter((each) => each !== id) : [...props.picked, id]);
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1 text-compact text-fg2">Instruments ({props.picked.length} chosen)</legend>
      <div className="flex flex-wrap gap-2">
        <input
          className={`${INPUT} min-w-40 flex-1`}
          type="search"
          aria-label="Search instruments"
          placeholder="Search name, sector or kind"
          value={sought}
          onChange={(event) => setSought(event.target.value)}
        />
        <Button onClick={() => props.onPick([...new Set([...props.picked, ...ids])])}>All shown</Button>
        <Button onClick={() => props.onPick([])} disabled={props.picked.length === 0}>
          None
        </Button>
      </div>
      {shown.length === 0 ? <p className="text-compact text-fg2">No instrument is called so.</p> : null}
      <div className="grid grid-cols-1 gap-x-3 sm:grid-cols-2">
        {shown.map((each) => (
          <label
            key={each.id}
            className="flex min-h-7 max-sm:min-h-11 items-center gap-2 text-compact text-fg"
          >
            <input type="checkbox" checked={picked.has(each.id)} onChange={() => toggle(each.id)} />
            <span className="truncate">
              {each.symbol} <span className="text-fg3">{each.name}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
