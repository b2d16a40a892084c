/** What an answer suggests that the next one must have; the evaluator decides. */
import type { Answer } from "@/client/contract";

type Target = Record<string, unknown>;

interface Order {
  side: string;
  quantity: string;
  instrument: string;
}

/** A target in the graders' words: a refusal or an abstention alone, else agents, facts, source and proposal. */
export function proposeTarget(answer: Answer): Target {
  if (answer.refusal) return { agents: answer.agents, refuses: answer.refusal.rule, approval: null };
  if (answer.abstained) return { agents: answer.agents, abstains: true };
  const target: Target = { agents: answer.agents };
  const values = answer.facts.map((fact) => fact.value);
  if (values.length > 0) target.facts = [...new Set(values)].slice(0, 5);
  const cited = answer.citations[0]?.document;
  if (cited) target.cites = cited;
  const orders = (answer.approval as { orders?: Order[] } | null)?.orders ?? [];
  const [order] = orders;
  if (order) target.approval = `${order.side} ${order.quantity} ${order.instrument}`;
  return target;
}

/** A name from a question: its first words, fit for an id. */
export function proposeId(question: string, run: string): string {
  const words = question.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return [...words.slice(0, 5), run.slice(0, 4)].join("-").slice(0, 100);
}

/** The target that was typed, or a sentence that says what is wrong with it. */
export function readTarget(text: string): { target: Target } | { fault: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return { fault: `The target is no JSON: ${error instanceof Error ? error.message : "unreadable"}` };
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    return { fault: "The target is an object such as {“abstains”: true}." };
  if (Object.keys(parsed).length === 0) return { fault: "Without a target the case cannot fail." };
  return { target: parsed as Target };
}
