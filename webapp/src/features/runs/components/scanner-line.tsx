import type { ReactNode } from "react";
import type { RunScan } from "@/client/queries-runs";
import { formatTime } from "@/features/ui/format";

/** What the scanner found in the answer after it was shown; nothing for those who may not see it, or before a scan. */
export function ScannerLine({ scan }: { scan: RunScan | null }): ReactNode {
  if (scan === null) return null;
  const when = `${scan.library}, ${formatTime(scan.at)}`;
  if (scan.passed) return <p className="text-compact text-fg2">Scanner: nothing found ({when}).</p>;
  return (
    <section aria-label="Scanner" className="flex flex-col gap-1 text-compact">
      <p className="text-warn">
        ◐ Scanner: {scan.findings.length} found ({when})
      </p>
      <ul className="list-disc pl-5">
        {scan.findings.map((one) => (
          <li key={`${one.validator}-${one.start}-${one.end}`} className="break-words">
            {one.validator.replaceAll("_", " ")}, line {one.line}: <q>{one.text}</q> {one.why}
            {one.fix ? ` → ${one.fix}` : ""}
          </li>
        ))}
      </ul>
    </section>
  );
}
