"use client";
import { type ReactNode, useState } from "react";
import type { Filing, FilingCell } from "@/client/contract-desk";
import { Button } from "@/features/ui/controls";
import { Dialog } from "@/features/ui/dialog";
import { Icon } from "@/features/ui/icons";
import { cellName, placePath } from "../lib/address";
import { plainValue, scaleName } from "../lib/table";

/** One figure of a table: what it is, its value in base units, where it stands, and an address that opens it again. */
export function CellDialog(props: {
  filing: Filing;
  cells: FilingCell[];
  name: string | null;
  onClose: () => void;
}): ReactNode {
  const cell = props.cells.find((each) => cellName(each) === props.name);
  return (
    <Dialog open={cell !== undefined} onOpenChange={props.onClose} title={cell?.label ?? "Figure"}>
      {cell ? <Value filing={props.filing} cell={cell} /> : null}
    </Dialog>
  );
}

function Value({ filing, cell }: { filing: Filing; cell: FilingCell }): ReactNode {
  const [copied, setCopied] = useState("");
  const path = `${placePath({ filing: filing.id, start: cell.start, end: cell.end })}&cell=${cellName(cell)}`;
  const address = `${window.location.origin}${path}`;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(address);
      setCopied("Copied.");
    } catch {
      setCopied("The browser does not let this page copy; mark the address and copy it.");
    }
  };
  const rows: [string, string][] = [
    ["Value", `${plainValue(cell.value)} ${cell.unit}`.trim()],
    ["Printed in", scaleName(cell.printed_in)],
    ["Period", cell.period],
    ["Column", cell.head || "—"],
    ["Under", cell.group || "—"],
    ["Filing", filing.title],
    ["Place", cell.locator],
  ];
  return (
    <div className="flex flex-col gap-3">
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 text-desk">
        {rows.map(([term, text]) => (
          <div key={term} className="contents">
            <dt className="text-fg3">{term}</dt>
            <dd className={`break-words ${term === "Value" ? "text-form font-semibold" : ""}`}>{text}</dd>
          </div>
        ))}
      </dl>
      <div className="flex flex-wrap items-center gap-2">
        <code className="min-w-0 flex-1 break-all rounded-ctl bg-s3 px-2 py-1 font-mono text-head">
          {address}
        </code>
        <Button onClick={() => void copy()}>
          <Icon name="link" /> Copy address
        </Button>
      </div>
      <p role="status" className="text-compact text-fg2">
        {copied}
      </p>
    </div>
  );
}
