import type { Answer } from "@/client/contract";
import type { FilingHead } from "@/client/contract-desk";

export type Scope = "filing" | "company" | "all";

const FOLLOWS = /^(?:and|or|what about|how about|why|then|also|the year before|the quarter before|same)\b/i;
const DATED =
  /\b(?:19|20)\d\d\b|\bQ[1-4]\b|\bFY\s?'?\d\d\b|\b(?:year|quarter) before\b|\b(?:last|prior|previous) (?:year|quarter)\b/i;

/** Whether a newer filing of the same company and form is at hand. */
function hasNewer(filing: FilingHead, all: readonly FilingHead[]): boolean {
  return all.some(
    (each) => each.company === filing.company && each.form === filing.form && each.period > filing.period,
  );
}

/** "FY2024 Q3" as the agents read it: "in Q3 2024", "in fiscal 2024"; a current report has none. */
function periodWords(filing: FilingHead): string {
  const match = /^FY(\d{4})(?: (Q[1-4]))?$/.exec(filing.period);
  if (!match) return "";
  return match[2] ? ` in ${match[2]} ${match[1]}` : ` in fiscal ${match[1]}`;
}

/**
 * The question as the agents get it. They see one message, so company and form are named in it, and the period when a
 * newer filing would be taken instead; a follow-up ("and the year before?") goes as it is and is completed from the thread.
 */
export function scopedQuestion(
  text: string,
  filing: FilingHead,
  scope: Scope,
  all: readonly FilingHead[],
  began: boolean,
): string {
  if (scope === "all" || (began && FOLLOWS.test(text.trim()))) return text;
  if (scope === "company") return `About ${filing.company}: ${text}`;
  const period = !DATED.test(text) && hasNewer(filing, all) ? periodWords(filing) : "";
  const words = period ? `${text.replace(/[\s.?!]+$/, "")}${period}?` : text;
  return `In ${filing.company}'s ${filing.form}: ${words}`;
}

/** Another company's report to compare with: of the same form when there is one, the newest first. */
export function peerOf(filing: FilingHead, all: readonly FilingHead[]): FilingHead | null {
  const reports = all
    .filter((each) => each.company !== filing.company && /^10-[KQ]/.test(each.form))
    .sort((a, b) => (b.filed ?? "").localeCompare(a.filed ?? ""));
  return reports.find((each) => each.form === filing.form) ?? reports[0] ?? null;
}

/** The company's own filing of the form that a peer's filing has, so that periods are of one length. */
export function likeForLike(filing: FilingHead, peer: FilingHead, all: readonly FilingHead[]): FilingHead {
  if (filing.form === peer.form) return filing;
  return all.find((each) => each.company === filing.company && each.form === peer.form) ?? filing;
}

/** The metric of an answer's first figure from a filing: "" for a row by its own label, null without such a figure. */
export function metricOf(answer: Pick<Answer, "facts" | "citations">): string | null {
  const filing = answer.citations[0]?.filing;
  const fact = answer.facts.find((each) => filing && each.id.startsWith(`${filing}.`));
  if (!fact || !filing) return null;
  const key = fact.id.slice(filing.length + 1).split(".")[0] ?? "";
  return ["row", "table"].includes(key) || !/^[a-z_]+$/.test(key) ? "" : key;
}
