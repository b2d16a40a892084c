/** Words and addresses of a recorded run. */
import type { FactOrigin, RunFact, RunPart } from "@/client/queries-runs";

export const agentName = (agent: string): string => agent.replaceAll("_", " ");

export function runPath(run: string, fact?: string): string {
  const query = new URLSearchParams({ id: run });
  if (fact !== undefined) query.set("fact", fact);
  return `/runs/?${query}`;
}

/** Facts that an agent registered or shows; all without one. */
export function factsOf(facts: readonly RunFact[], agent: string | null): RunFact[] {
  return facts.filter((fact) => agent === null || fact.agent === agent || fact.used_by.includes(agent));
}

/** A part's share of the longest part's time, in per cent, so that bars compare. */
export function barOf(part: RunPart, parts: readonly RunPart[]): number {
  const longest = Math.max(...parts.map((each) => each.ms));
  return longest > 0 ? Math.round((part.ms / longest) * 100) : 0;
}

/** One line that names a figure so that anybody may find and check it. */
export function reference(origin: FactOrigin): string {
  const { fact } = origin;
  const from = `${fact.source}; ${fact.locator}; as of ${fact.as_of}`;
  return `${fact.label}: ${fact.text} (${from}). Tenor run ${origin.run}, fact ${fact.id}, SHA-256 ${fact.hash}`;
}

/** JSON of a call's arguments on several lines; what is no JSON stays as it is. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 1);
  } catch {
    return text;
  }
}
