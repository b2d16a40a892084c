import type { Approval, Order } from "@/client/contract";
import { formatMoney, formatPlain } from "@/features/ui/format";

const symbol = (instrument: string) => instrument.split(":").pop() ?? instrument;

export function orderText(order: Order): string {
  const price = order.type === "limit" ? ` @ ${formatPlain(order.limit_price)}` : " at market";
  return `${order.side.toUpperCase()} ${formatPlain(order.quantity)} ${symbol(order.instrument)}${price}`;
}

/** "BUY 400 NVDA at market", with the count of the others when the proposal holds several. */
export function orderLine(approval: Approval): string {
  const [first, ...others] = approval.orders;
  if (!first) return "No order";
  return others.length > 0 ? `${orderText(first)} + ${others.length} more` : orderText(first);
}

/** Yes votes given of those needed. */
export function votes(approval: Approval): string {
  const yes = approval.answers.filter((answer) => answer.decision.startsWith("approve")).length;
  return `approved ${yes} of ${approval.needs.people}`;
}

/** What it moves and what trading it costs, for the last sentence before the click. */
export function worth(approval: Approval): string {
  const { cost } = approval;
  if (!cost) return "value unknown";
  return `about ${formatMoney(cost.notional, cost.currency)} and ${formatMoney(cost.total, cost.currency)} of costs`;
}

export function proposer(approval: Approval): string {
  const { agent, user } = approval.proposed_by;
  return agent ? `Proposed by the ${agent.replaceAll("_", " ")} agent for ${user}` : `Typed by ${user}`;
}

/** Up to its first full stop: a warning in short, repeated where the click is. */
export const firstSentence = (text: string): string => /^.*?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text;
