"use client";
import { type ReactNode, useState } from "react";
import { Dialog } from "@/features/ui/dialog";
import { bareKeysOn } from "../hooks/use-global-keys";
import { useShell } from "../hooks/use-shell";
import type { Section } from "../lib/sections";

export function KeysHelp({ sections }: { sections: Section[] }): ReactNode {
  const open = useShell((state) => state.open === "keys");
  const show = useShell((state) => state.show);
  return (
    <Dialog open={open} onOpenChange={(next) => show(next ? "keys" : null)} title="Keys">
      <KeyTable sections={sections} />
    </Dialog>
  );
}

function KeyTable({ sections }: { sections: Section[] }): ReactNode {
  const [bare, setBare] = useState(bareKeysOn);
  const rows: [string, string][] = [
    ["Ctrl/Cmd K, /", "Command palette"],
    ["?", "This list"],
    ["F6, Shift F6", "Next, previous panel"],
    ["Alt Shift H", "Halt dialog"],
    ...sections.map((section): [string, string] => [`g ${section.key}`, section.name]),
    ["J, K", "Next, previous row (approvals, fraud)"],
    ["Enter", "Open the case of the row (fraud)"],
    ["a, x, z", "Approve, refuse, not now (approvals)"],
    ["n, p", "Next, previous citation (filings)"],
    ["Ctrl/Cmd Enter", "Send the question (chat)"],
  ];
  return (
    <>
      <label className="flex items-center gap-2 text-desk">
        <input
          type="checkbox"
          checked={bare}
          onChange={(event) => {
            setBare(event.target.checked);
            localStorage.setItem("tenor.keys", event.target.checked ? "on" : "off");
          }}
        />
        Keys without Ctrl or Alt work outside text fields
      </label>
      <table className="text-desk">
        <caption className="sr-only">Keys and what they do</caption>
        <tbody>
          {rows.map(([key, what]) => (
            <tr key={key} className="border-t border-line">
              <th scope="row" className="py-1 pr-4 text-left">
                <kbd className="font-mono text-compact">{key}</kbd>
              </th>
              <td className="py-1 text-fg2">{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="text-compact text-fg2">
        Palette: <code>nvda 6m</code> · <code>nvda fil</code> · <code>buy 400 nvda @ 182.43</code> ·{" "}
        <code>go approvals</code> · <code>case 118</code> · <code>halt desk</code> ·{" "}
        <code>? what drives margin</code>
      </p>
    </>
  );
}
